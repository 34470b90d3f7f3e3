//! What the operator of a deployed stack decides about a shop's sending: the addresses that it may send from, and the end of a stop.

use super::Answer;
use super::arguments::{sender, shop_id};
use crate::commands::stack_address::StackAddress;
use clap::Subcommand;
use jiff::Timestamp;
use rekindle_lifecycle::id::ShopId;
use rekindle_store::Store;
use rekindle_store::sending::pause::{LiftedBy, Resumed};
use rekindle_store::shop::senders::{Sender, Senders};
use serde_json::json;

/// Actions on the tables of a deployed stack, for which no shop has a key.
#[derive(Debug, Subcommand)]
pub(super) enum SendingAction {
    /// List the addresses from which a shop of a deployed stack may send
    Senders {
        /// The shop
        #[arg(value_parser = shop_id)]
        shop: ShopId,
    },
    /// Let a shop of a deployed stack send from an address, or from all addresses at a domain. All shops share one SES account,
    /// so give each only what is its own
    GrantSender {
        /// The shop
        #[arg(value_parser = shop_id)]
        shop: ShopId,
        /// The address, or the domain after an @: hello@shop.example.com, @shop.example.com
        #[arg(value_parser = sender)]
        sender: Sender,
    },
    /// Take an address or a domain from a shop of a deployed stack; what it would send from there waits
    RevokeSender {
        /// The shop
        #[arg(value_parser = shop_id)]
        shop: ShopId,
        /// The address or the domain, as `shop senders` lists it
        #[arg(value_parser = sender)]
        sender: Sender,
    },
    /// Let a shop of a deployed stack send again that was stopped because of its bounces and complaints. The shop itself can do
    /// that only after three days: find the cause first
    Resume {
        /// The shop
        #[arg(value_parser = shop_id)]
        shop: ShopId,
    },
}

impl SendingAction {
    pub(super) async fn run(&self, address: &StackAddress) -> anyhow::Result<Answer> {
        let deployment = address.find().await?;
        let store = &deployment.store;
        match self {
            Self::Senders { shop } => senders(store, shop).await,
            Self::GrantSender { shop, sender } => {
                store.grant_sender(shop, sender).await?;
                senders(store, shop).await
            }
            Self::RevokeSender { shop, sender } => {
                store.revoke_sender(shop, sender).await?;
                senders(store, shop).await
            }
            Self::Resume { shop } => resume(store, shop).await,
        }
    }
}

async fn senders(store: &Store, shop: &ShopId) -> anyhow::Result<Answer> {
    Ok(match store.senders(shop).await? {
        Senders::FromBefore => Answer {
            text: format!(
                "Nothing was granted to {shop} yet. A sender that it had before there were grants goes on being used."
            ),
            json: json!({ "shop": shop, "senders": null }),
        },
        Senders::Granted(senders) if senders.is_empty() => Answer {
            text: format!("{shop} may send from no address: its messages wait."),
            json: json!({ "shop": shop, "senders": [] }),
        },
        Senders::Granted(senders) => {
            let senders: Vec<&str> = senders.iter().map(Sender::as_str).collect();
            let text = format!("{shop} may send from:\n{}", senders.join("\n"));
            Answer { text, json: json!({ "shop": shop, "senders": senders }) }
        }
    })
}

async fn resume(store: &Store, shop: &ShopId) -> anyhow::Result<Answer> {
    let resumed = store.resume_sending(shop, LiftedBy::Operator, Timestamp::now()).await?;
    let was_paused = resumed != Resumed::WasNotPaused;
    let text =
        if was_paused { format!("{shop} sends again, within a minute.") } else { format!("{shop} was not stopped.") };
    Ok(Answer { text, json: json!({ "shop": shop, "was_paused": was_paused }) })
}
