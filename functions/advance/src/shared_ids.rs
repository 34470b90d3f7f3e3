//! An id behind which several people stand: what came with an address goes to the guest with that address, the rest is not
//! counted.

use crate::{Advance, AdvanceError};
use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::customer::{Customer, Standing};
use rekindle_lifecycle::facts::{Event, Fact};
use rekindle_lifecycle::id::CustomerId;
use rekindle_lifecycle::identity::guest_with;
use rekindle_lifecycle::stage::Stage;
use rekindle_store::work::AdvanceWork;
use rekindle_store::{CustomerKey, Guarded, StoreError, keys};

/// How soon an id is looked at again after it was marked, in case its facts could not be moved.
const MOVE_INTERVAL: SignedDuration = SignedDuration::from_mins(1);
/// How many facts are moved at a time.
const FACTS_AT_ONCE: usize = 200;

impl Advance {
    /// Writes that several people stand behind an id, whose facts have yet to be taken apart. Nothing is decided under it any more.
    /// Its other ids are counted again without it.
    pub(crate) async fn mark_shared(&self, stored: Customer, now: Timestamp) -> Result<(), AdvanceError> {
        let key = CustomerKey::from(&stored);
        let others = stored.decided.standing.members.iter().chain(stored.decided.standing.joined_to.as_ref());
        let released: Vec<AdvanceWork> = others
            .map(|id| CustomerKey { shop: key.shop.clone(), customer: id.clone() })
            .map(|id| AdvanceWork { recount: true, ..AdvanceWork::on(&id) })
            .collect();
        let mut shared = Customer { folded: stored.folded.without_person(), ..stored };
        shared.stage = Stage::Prospect;
        shared.stage_since = None;
        shared.decided.standing = Standing { shared_since: Some(now), ..Standing::default() };
        shared.decided.next_at = None;
        shared.due_at = Some(now + MOVE_INTERVAL);
        if self.store.commit(&shared, &[], &[], now).await? == Guarded::Written {
            tracing::warn!(
                "several people stand behind an id of the shop; what came with an address is counted for its guest"
            );
            self.advance_queue.put_all(&released).await?;
        }
        Ok(())
    }

    /// Moves facts with an address to the guest with that address: the new ones, or, if the id is due or to be counted again, all that
    /// are stored.
    pub(crate) async fn take_apart(
        &self,
        customer: Customer,
        facts: &[Fact],
        recount: bool,
    ) -> Result<(), AdvanceError> {
        let key = CustomerKey::from(&customer);
        let now = self.clock.now();
        let is_pending = customer.due_at.is_some_and(|at| customer.needs_attention_at().is_none_or(|check| at < check));
        if facts.is_empty() || recount || is_pending {
            let mut pages = self.store.facts_of(&key);
            while let Some(page) = pages.next_page().await? {
                self.move_to_guests(&key, &page).await?;
            }
            self.check_open_messages(customer, now).await
        } else {
            Ok(self.move_to_guests(&key, facts).await?)
        }
    }

    /// Each fact is stored at the guest before it is removed here, and the id is forgotten at the address before that, so that the guest
    /// does not find it.
    async fn move_to_guests(&self, key: &CustomerKey, facts: &[Fact]) -> Result<(), StoreError> {
        let guests: Vec<(CustomerKey, Fact)> = facts
            .iter()
            .filter(|fact| !matches!(fact.event, Event::Unrecognised(_)))
            .filter_map(|fact| {
                let customer = self.guest_of(fact)?;
                Some((CustomerKey { shop: key.shop.clone(), customer }, fact.clone()))
            })
            .collect();
        for part in guests.chunks(FACTS_AT_ONCE) {
            for (_, fact) in part {
                for (_, address) in fact.traits.addresses() {
                    let fingerprint = self.link_keys.address_fingerprint(&address);
                    self.store.forget_holder(&key.shop, &fingerprint, &key.customer).await?;
                }
            }
            self.store.put_facts(part).await?;
            let sks: Vec<String> = part.iter().map(|(_, fact)| keys::fact_sk(fact)).collect();
            self.store.remove_activity(key, &sks).await?;
        }
        Ok(())
    }

    fn guest_of(&self, fact: &Fact) -> Option<CustomerId> {
        let address = fact.traits.guest_address()?;
        guest_with(&address, &self.link_keys.address_fingerprint(&address)).ok()
    }
}
