//! Which message of a batch gets which slot.

use super::arrivals::Request;
use super::share::{NotNow, Share};
use super::{MAX_LATE_OWN, Pace};
use crate::limits::Limit;
use jiff::Timestamp;
use rekindle_lifecycle::sending_rate::MAX_WAIT_IN_HAND;
use rekindle_store::StoreError;
use rekindle_store::sending::rate::{Leased, RecentSends};
use std::collections::{HashMap, VecDeque};

/// The messages of a shop that has a limit of its own.
struct ShopRequests {
    own: Limit,
    /// Those that want a slot, by number.
    want_slot: VecDeque<u64>,
    /// Those that only want a retry time.
    want_retry_time: Vec<u64>,
    /// How many slots the limit will probably allow.
    likely_slots: usize,
}

impl Pace<'_> {
    /// The answer to a message for which nothing was left.
    pub(super) fn nothing_left(&self) -> Share {
        Share::NotNow(NotNow::ProviderBusy(self.until))
    }

    /// Leases slots of the account for all messages that ask, and assigns them. Messages of a shop with a limit of its own get
    /// the slots that this limit allows; the other messages get the rest. So hardly a slot is leased that no message may use.
    pub(super) async fn share_out(
        &self,
        account: &Limit,
        asking: &[Request],
    ) -> Result<HashMap<u64, Share>, StoreError> {
        let store = &self.sender.store;
        let (unlimited, mut shops) = by_shop(asking);
        let now = self.sender.clock.precise_now();
        let from = asking.iter().map(|one| one.from).max().unwrap_or(now);
        // Read instead of remembered where it matters: a slot too many would be lost.
        let next = match shops.iter().any(|shop| !shop.want_slot.is_empty()) {
            true => store.next_slot(&account.of).await?,
            false => None,
        };
        let next = next.unwrap_or(from);
        let interval = store.known_interval(&account.of, account.cap, now);
        let likely =
            |count: usize| (0..count).scan(next.max(from), move |at, _| Some(std::mem::replace(at, *at + interval)));
        for shop in shops.iter_mut().filter(|shop| !shop.want_slot.is_empty()) {
            let mut recent = store.recent_sends(&shop.own.of).await?;
            shop.likely_slots = recent.fit(likely(asking.len()), shop.want_slot.len(), shop.own.rate()).len();
        }
        let count = unlimited.len() + shops.iter().map(|shop| shop.likely_slots).sum::<usize>();
        let (mut slots, later) = match count {
            0 => (Vec::new(), self.until),
            count => match self.lease(account, u32::try_from(count).unwrap_or(u32::MAX), from).await? {
                Leased::Slots(slots) => (slots.each().collect(), self.until),
                Leased::Later(later) => (Vec::new(), later),
            },
        };
        // A message may wait here for its shop's own limit if no other message waits because of it.
        let idle = next <= from && unlimited.is_empty();
        let end = slots.last().map_or(from, |last: &Timestamp| *last + interval);
        let mut shares = HashMap::new();
        for shop in &mut shops {
            let (most, wanted, rate) = (shop.likely_slots, shop.want_slot.len(), shop.own.rate());
            let chosen = store.note_sends(&shop.own.of, |recent| {
                let mut chosen = recent.fit(slots.iter().copied(), most, rate);
                if idle {
                    chosen.extend(due(recent, wanted - chosen.len(), end, now + MAX_WAIT_IN_HAND, rate));
                }
                chosen
            });
            for at in chosen.await? {
                let slot = slots.iter().position(|slot| *slot == at);
                let share = slot.map_or(Share::Due(at), |slot| Share::Slot(slots.remove(slot)));
                shares.extend(shop.want_slot.pop_front().map(|number| (number, share)));
            }
            let left: Vec<u64> = shop.want_slot.drain(..).chain(shop.want_retry_time.drain(..)).collect();
            if !left.is_empty() {
                let times = self.retry_times(&shop.own, u32::try_from(left.len()).unwrap_or(u32::MAX)).await?;
                shares.extend(left.into_iter().zip(times.map(|at| Share::NotNow(NotNow::ShopBusy(at)))));
            }
        }
        let no_slot = Share::NotNow(NotNow::ProviderBusy(later));
        let slots = slots.into_iter().map(Share::Slot).chain(std::iter::repeat(no_slot));
        shares.extend(unlimited.into_iter().zip(slots));
        Ok(shares)
    }
}

/// The messages of shops without a limit of their own, and the others by shop.
fn by_shop(asking: &[Request]) -> (Vec<u64>, Vec<ShopRequests>) {
    let (mut unlimited, mut shops) = (Vec::new(), Vec::<ShopRequests>::new());
    for request in asking {
        let Some(own) = &request.limits.own else {
            unlimited.push(request.number);
            continue;
        };
        let place = shops.iter().position(|shop| shop.own.of == own.of).unwrap_or_else(|| {
            shops.push(ShopRequests {
                own: own.clone(),
                want_slot: VecDeque::new(),
                want_retry_time: Vec::new(),
                likely_slots: 0,
            });
            shops.len() - 1
        });
        if request.wants_retry_time {
            shops[place].want_retry_time.push(request.number);
        } else {
            shops[place].want_slot.push_back(request.number);
        }
    }
    (unlimited, shops)
}

/// Notes up to `most` sends from `from` until `until`, at the instants at which the limit allows one, and answers with them.
/// They are noted later by [`MAX_LATE_OWN`]: that late they may go out.
fn due(recent: &mut RecentSends, most: usize, from: Timestamp, until: Timestamp, rate: f64) -> Vec<Timestamp> {
    let mut due = Vec::new();
    while due.len() < most {
        let at = recent.next(from, rate);
        if at > until {
            break;
        }
        recent.note(at + MAX_LATE_OWN, rate);
        due.push(at);
    }
    due
}
