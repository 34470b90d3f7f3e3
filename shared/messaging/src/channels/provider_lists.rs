//! The lists on which providers keep the addresses that they deliver nothing to: SES its account's suppression list, SNS its
//! opt-outs. A way back that a shop or a customer is granted has to lead off them, or the next message is refused there.

use super::ses::deliverable;
use aws_sdk_sesv2::operation::delete_suppressed_destination::DeleteSuppressedDestinationError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use rekindle_lifecycle::contact::{Address, EmailAddress, PhoneNumber};
use rekindle_platform::{Clients, Parts};

/// What SNS answers when it does not take a number off its list: it does so once in 30 days.
const TOO_SOON: &str = "InvalidParameter";

/// The lists of all providers. Their clients are made when they are first needed: most instances of a function never are.
#[derive(Debug, Clone)]
pub struct ProviderLists {
    clients: Clients,
}

/// Why an address is still on a provider's list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReleaseError {
    /// The provider does not allow it now: asking again does not help.
    #[error("SNS takes a number off its list of opt-outs once in 30 days, and did so less than 30 days ago")]
    TooSoon,
    /// The owner of the number texted STOP, and only they can take that back.
    #[error("the owner of the number texted STOP")]
    OptedOut,
    /// The provider did not answer as it should. Asking again may help.
    #[error("the provider did not take the address off its list ({code})")]
    Unavailable {
        /// Its error code.
        code: String,
    },
}

impl ProviderLists {
    /// With the clients of these parts.
    #[must_use]
    pub fn from_parts(parts: &Parts) -> Self {
        Self { clients: parts.clients.clone() }
    }

    /// Takes an address off the list of its provider, because its owner wants messages again. When this returns, the provider
    /// delivers to it; an address that is on no list is released as well. Repeating it is harmless.
    ///
    /// # Errors
    /// The address is still on the list.
    pub async fn release(&self, address: &Address) -> Result<(), ReleaseError> {
        match address {
            Address::Email(address) => self.release_email(address).await,
            Address::Phone(number) => self.release_phone(number).await,
        }
    }

    /// The same because the shop wants it: a number whose owner texted STOP, to whichever shop of the account, stays on the list.
    ///
    /// # Errors
    /// The address is still on the list.
    pub async fn release_for_shop(&self, address: &Address) -> Result<(), ReleaseError> {
        match address {
            Address::Email(address) => self.release_email(address).await,
            Address::Phone(number) if self.is_opted_out(number).await? => Err(ReleaseError::OptedOut),
            Address::Phone(_) => Ok(()),
        }
    }

    async fn release_email(&self, address: &EmailAddress) -> Result<(), ReleaseError> {
        // An address that SES cannot send to is on no list of SES.
        let Ok(address) = deliverable(address) else { return Ok(()) };
        match self.clients.ses().delete_suppressed_destination().email_address(address).send().await {
            Ok(_) => Ok(()),
            Err(error)
                if error.as_service_error().is_some_and(DeleteSuppressedDestinationError::is_not_found_exception) =>
            {
                Ok(())
            }
            Err(error) => Err(unavailable(error.code())),
        }
    }

    async fn release_phone(&self, number: &PhoneNumber) -> Result<(), ReleaseError> {
        // Asked first, so that a repetition does not ask for a second release within 30 days.
        if !self.is_opted_out(number).await? {
            return Ok(());
        }
        match self.clients.sns().opt_in_phone_number().phone_number(number.as_str()).send().await {
            Ok(_) => Ok(()),
            Err(error) if error.code() == Some(TOO_SOON) => Err(ReleaseError::TooSoon),
            Err(error) => Err(unavailable(error.code())),
        }
    }

    async fn is_opted_out(&self, number: &PhoneNumber) -> Result<bool, ReleaseError> {
        let asked = self.clients.sns().check_if_phone_number_is_opted_out().phone_number(number.as_str()).send().await;
        Ok(asked.map_err(|error| unavailable(error.code()))?.is_opted_out())
    }
}

fn unavailable(code: Option<&str>) -> ReleaseError {
    ReleaseError::Unavailable { code: code.unwrap_or("no answer").to_owned() }
}
