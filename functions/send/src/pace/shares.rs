//! Which message of a batch gets which slot.

use super::{Pace, Turn, TurnRequest};
use crate::limits::Limit;
use jiff::{SignedDuration, Timestamp};
use rekindle_lifecycle::sending_rate::NEAR;
use rekindle_platform::queue::LONGEST_DELAY;
use rekindle_store::StoreError;
use rekindle_store::sending::rate::{Leased, RecentSends, Wanted};
use std::collections::{HashMap, VecDeque};

/// How long a message that waits in line stays away at least.
const AWAY: SignedDuration = SignedDuration::from_secs(1);

/// The messages of a shop that has a limit of its own.
struct OfShop {
    own: Limit,
    /// Those that want a slot.
    asking: VecDeque<u64>,
    /// Those that only want a place in line.
    places: Vec<u64>,
    /// How many slots they will probably need.
    fitting: usize,
}

impl Pace<'_> {
    /// Leases slots of the account for all who ask, and says whose they are: a shop's messages have those that its own limit
    /// allows, the others the rest. So hardly a slot is leased that nobody may use.
    pub(super) async fn share_out(
        &self,
        account: &Limit,
        asking: &[TurnRequest],
    ) -> Result<HashMap<u64, Turn>, StoreError> {
        let store = &self.sender.store;
        let (free, mut shops) = by_shop(asking);
        let now = self.sender.clock.precise_now();
        let from = asking.iter().map(|one| one.from).max().unwrap_or(now);
        // Read, not remembered, where it matters: a slot too many would be nobody's.
        let next = match shops.iter().any(|shop| !shop.asking.is_empty()) {
            true => store.next_slot(&account.of).await?,
            false => None,
        };
        let next = next.unwrap_or(from);
        let interval = store.known_interval(&account.of, account.cap, now);
        let likely =
            |count: usize| (0..count).scan(next.max(from), move |at, _| Some(std::mem::replace(at, *at + interval)));
        for shop in shops.iter_mut().filter(|shop| !shop.asking.is_empty()) {
            let mut recent = store.recent_sends(&shop.own.of).await?;
            shop.fitting = recent.fit(likely(asking.len()), shop.asking.len(), shop.own.rate()).len();
        }
        let count = free.len() + shops.iter().map(|shop| shop.fitting).sum::<usize>();
        let (mut slots, later) = match count {
            0 => (Vec::new(), self.until),
            count => match self.lease(account, u32::try_from(count).unwrap_or(u32::MAX), from).await? {
                Leased::Slots(slots) => (slots.each().collect(), self.until),
                Leased::Later(later) => (Vec::new(), later),
            },
        };
        // A message may wait here for its shop's own limit if that keeps nobody else waiting.
        let idle = next <= from && free.is_empty();
        let end = slots.last().map_or(from, |last: &Timestamp| *last + interval);
        let mut turns = HashMap::new();
        for shop in &mut shops {
            let (most, asked, rate) = (shop.fitting, shop.asking.len(), shop.own.rate());
            let chosen = store.note_sends(&shop.own.of, |recent| {
                let mut chosen = recent.fit(slots.iter().copied(), most, rate);
                if idle {
                    chosen.extend(due(recent, asked - chosen.len(), end, now + NEAR, rate));
                }
                chosen
            });
            for at in chosen.await? {
                let slot = slots.iter().position(|slot| *slot == at);
                let turn = slot.map_or(Turn::Due(at), |slot| Turn::At(slots.remove(slot)));
                turns.extend(shop.asking.pop_front().map(|number| (number, turn)));
            }
            let left: Vec<u64> = shop.asking.drain(..).chain(shop.places.drain(..)).collect();
            if !left.is_empty() {
                let places = self.places(&shop.own, u32::try_from(left.len()).unwrap_or(u32::MAX)).await?;
                turns.extend(left.into_iter().zip(places));
            }
        }
        let slots = slots.into_iter().map(Turn::At).chain(std::iter::repeat(Turn::Later(later)));
        turns.extend(free.into_iter().zip(slots));
        Ok(turns)
    }

    /// So many places in line, as far as the queue can keep a message waiting; then its end.
    pub(super) async fn places(
        &self,
        limit: &Limit,
        count: u32,
    ) -> Result<impl Iterator<Item = Turn> + use<>, StoreError> {
        let now = self.sender.clock.precise_now();
        let until = now + SignedDuration::from_secs(LONGEST_DELAY.into());
        let wanted = Wanted { count, from: now + AWAY, until, cap: limit.cap, now };
        let (places, end) = match self.sender.store.reserve_retry_times(&limit.of, wanted).await? {
            Leased::Slots(places) => (places.each().collect(), until),
            Leased::Later(end) => (Vec::new(), end),
        };
        Ok(places.into_iter().map(Turn::InLine).chain(std::iter::repeat(Turn::InLine(end))))
    }
}

/// The messages without a limit of their shop, and the others by shop.
fn by_shop(asking: &[TurnRequest]) -> (Vec<u64>, Vec<OfShop>) {
    let (mut free, mut shops) = (Vec::new(), Vec::<OfShop>::new());
    for question in asking {
        let Some(own) = &question.limits.own else {
            free.push(question.number);
            continue;
        };
        let place = shops.iter().position(|shop| shop.own.of == own.of).unwrap_or_else(|| {
            shops.push(OfShop { own: own.clone(), asking: VecDeque::new(), places: Vec::new(), fitting: 0 });
            shops.len() - 1
        });
        if question.place {
            shops[place].places.push(question.number);
        } else {
            shops[place].asking.push_back(question.number);
        }
    }
    (free, shops)
}

/// Notes up to so many sends from `from` until `until` whenever the limit allows one, and says when they are due. They are
/// noted a little later than they are due: that late they may go out.
fn due(recent: &mut RecentSends, most: usize, from: Timestamp, until: Timestamp, rate: f64) -> Vec<Timestamp> {
    let mut due = Vec::new();
    while due.len() < most {
        let at = recent.next(from, rate);
        if at > until {
            break;
        }
        recent.note(at + super::LATE_OWN, rate);
        due.push(at);
    }
    due
}
