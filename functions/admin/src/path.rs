//! The customer, task or address that the path of a call names.

use crate::{Admin, tasks};
use rekindle_admin_api::{Call, Problem};
use rekindle_lifecycle::channel::Channel;
use rekindle_lifecycle::id::{CustomerId, MessageId};
use rekindle_platform::spans;
use rekindle_store::CustomerKey;

/// Takes the customer's place in the path if the query names the customer.
const NAMED_IN_QUERY: &str = "-";

/// The customer of a call: the path's, or the query's `id` where the path has a [`NAMED_IN_QUERY`]. An id with a question mark
/// has to come in the query: an HTTP API of API Gateway decodes paths and ends them there, and would hand over another customer.
/// The span of the call names the customer from here on.
///
/// # Errors
/// No customer can have this id, or both name one.
pub(crate) fn customer(admin: &Admin, call: &Call) -> Result<CustomerKey, Problem> {
    let of_path = customer_id(&call.path_part(0)?)?;
    let customer = match call.parameter("id") {
        None => of_path,
        Some(id) if of_path.as_str() == NAMED_IN_QUERY => customer_id(id)?,
        Some(_) => {
            let detail = format!("With id, the path has {NAMED_IN_QUERY} in the customer's place.");
            return Err(Problem::bad_request(detail));
        }
    };
    let shop = call.shop.clone();
    spans::note_customer(&shop, &admin.link_keys.customer_fingerprint(&shop, &customer));
    Ok(CustomerKey { shop, customer })
}

fn customer_id(id: &str) -> Result<CustomerId, Problem> {
    CustomerId::parse(id).map_err(|error| Problem::bad_request(format!("The customer's id {error}.")))
}

/// The task of a call.
///
/// # Errors
/// No task can have this id.
pub(crate) fn task(call: &Call) -> Result<MessageId, Problem> {
    MessageId::parse(&call.path_part(0)?).map_err(|_| tasks::unknown())
}

/// The channel and the address of a call.
///
/// # Errors
/// There is no such channel with addresses.
pub(crate) fn address(call: &Call) -> Result<(Channel, String), Problem> {
    let name = call.path_part(0)?;
    let channel = Channel::parse(&name).filter(|channel| channel.has_addresses());
    let channel = channel.ok_or_else(|| {
        Problem::bad_request(format!("The channel must be {}.", Channel::either(Channel::with_addresses())))
    })?;
    Ok((channel, call.path_part(1)?))
}
