//! Reads a segment of the customers, and gives each shop its pieces.

use crate::piece::Piece;
use crate::{Insight, InsightError, Worked};
use jiff::Timestamp;
use rekindle_insight::Buyer;
use rekindle_lifecycle::customer::Customer;
use rekindle_lifecycle::id::ShopId;
use rekindle_store::insight::Revised;
use rekindle_store::insight::pass::{Pass, Segment, ShopPart};
use rekindle_store::insight::pieces::MAX_PIECE_BYTES;
use rekindle_store::work::AdvanceWork;
use rekindle_store::{CustomerKey, StoreError};
use std::collections::{BTreeMap, BTreeSet};

/// When a piece is stored: some room is left for one customer more.
const FULL_PIECE_BYTES: usize = MAX_PIECE_BYTES - 8 * 1024;

/// What one worker gathers of a segment, under a name of its own.
struct Leg<'p> {
    insight: &'p Insight,
    pass: &'p Pass,
    name: String,
    held: BTreeMap<ShopId, Piece>,
    held_bytes: usize,
    stored: u32,
    listed: BTreeSet<ShopId>,
    /// Shops whose policy cannot be read. One shop's trouble costs the others nothing.
    left_out: BTreeSet<ShopId>,
    recounts: usize,
}

impl Insight {
    /// Reads a segment that was taken, from where it stands, until it is done or the time is over, and hands in what it gave. If another
    /// worker took the segment meanwhile, what was gathered here counts for nothing.
    pub(crate) async fn read_segment(
        &self,
        pass: &Pass,
        number: u16,
        taken: Revised<Segment>,
        is_over: impl Fn() -> bool,
    ) -> Result<Worked, InsightError> {
        let mut worked = Worked::default();
        let Revised { state: mut segment, revision } = taken;
        let mut leg = Leg {
            insight: self,
            pass,
            name: format!("{number:04}-{:04}", segment.attempts),
            held: BTreeMap::new(),
            held_bytes: 0,
            stored: 0,
            listed: BTreeSet::new(),
            left_out: BTreeSet::new(),
            recounts: 0,
        };
        loop {
            let page = self
                .store
                .customers_of_segment((number, pass.segments), segment.after.take(), self.limits.customers_per_page)
                .await?;
            if page.unreadable > 0 {
                tracing::error!(unreadable = page.unreadable, "customers cannot be read; they are left out");
            }
            let mut work = Vec::new();
            for customer in &page.customers {
                worked.customers += 1;
                work.extend(leg.add(customer).await?);
            }
            worked.advanced += work.len() as u64;
            self.advance_queue.put_all(&work).await?;
            segment.done = page.next.is_none();
            segment.after = page.next;
            if segment.done || is_over() {
                break;
            }
        }
        leg.store_all().await?;
        segment.legs.push(leg.name);
        segment.customers += worked.customers;
        segment.leased_until = None;
        if !self.store.put_pass_segment(pass, number, &Revised { state: segment, revision }).await? {
            tracing::warn!(segment = number, "another worker took the segment; it reads it again");
        }
        Ok(worked)
    }
}

impl Leg<'_> {
    /// Adds a customer to the piece of the shop; returns what has to be done about the customer.
    async fn add(&mut self, customer: &Customer) -> Result<Option<AdvanceWork>, InsightError> {
        if customer.decided.standing.joined_to.is_some() || self.left_out.contains(&customer.shop) {
            // Of the former the main id is counted.
            return Ok(None);
        }
        let (store, now) = (&self.insight.store, self.insight.clock.now());
        let policy = match store.policy(&customer.shop, now).await {
            Ok(policy) => policy,
            Err(error @ StoreError::Unreadable { .. }) => {
                let error = &error as &dyn std::error::Error;
                tracing::error!(
                    error,
                    shop = customer.shop.as_str(),
                    "a shop's policy cannot be read; it has no report"
                );
                self.left_out.insert(customer.shop.clone());
                return Ok(None);
            }
            Err(error) => return Err(error.into()),
        };
        let (days, draws) = (customer.folded.orders.days(&policy.calendar), &customer.decided.draws);
        let is_known = days.is_some();
        if !is_known || !draws.is_empty() || days.as_ref().is_some_and(|days| !days.kept().is_empty()) {
            let hash = Buyer::hash_of(customer.shop.as_str(), customer.id.as_str());
            let piece = self.held.entry(customer.shop.clone()).or_insert_with(Piece::new);
            let before = piece.len();
            piece.add(hash, days.as_ref(), draws);
            self.held_bytes += piece.len() - before;
            if piece.len() >= FULL_PIECE_BYTES {
                self.store(&customer.shop.clone()).await?;
            }
            if self.held_bytes >= self.insight.limits.held_bytes {
                self.store_all().await?;
            }
        }
        let key = CustomerKey::from(customer);
        if !is_known && self.recounts < self.insight.limits.recounts {
            self.recounts += 1;
            return Ok(Some(AdvanceWork { recount: true, ..AdvanceWork::on(&key) }));
        }
        Ok(is_asleep(customer, now).then(|| AdvanceWork::on(&key)))
    }

    async fn store_all(&mut self) -> Result<(), InsightError> {
        let shops: Vec<ShopId> = self.held.keys().cloned().collect();
        for shop in shops {
            self.store(&shop).await?;
        }
        Ok(())
    }

    /// Stores the piece of a shop. The shop is listed before, so that no piece is forgotten.
    async fn store(&mut self, shop: &ShopId) -> Result<(), InsightError> {
        let Some(piece) = self.held.remove(shop) else { return Ok(()) };
        let store = &self.insight.store;
        if self.listed.insert(shop.clone()) {
            // It may be listed already, by this or another segment.
            store.put_pass_shop(self.pass, shop, &Revised::<ShopPart>::default()).await?;
        }
        self.held_bytes = self.held_bytes.saturating_sub(piece.len());
        store.put_piece(self.pass, shop, &self.name, self.stored, piece.into_bytes()).await?;
        self.stored += 1;
        Ok(())
    }
}

/// Whether something is due for a customer, and no sweep would find it: the stored time is missing or too late.
fn is_asleep(customer: &Customer, now: Timestamp) -> bool {
    let Some(needed) = customer.needs_attention_at() else { return false };
    needed <= now && customer.due_at.is_none_or(|stored| stored > needed)
}
