//! Hands out the parts of the day's pass.

use crate::{Insight, InsightError, Worked};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use rekindle_platform::batch::guarded;
use rekindle_platform::spans;
use rekindle_store::insight::Revised;
use rekindle_store::insight::pass::{Pass, Segment};
use std::collections::BTreeSet;
use std::time::Instant;
use tracing::Instrument;

/// How long a worker has a part: longer than a function runs.
const LEASE: SignedDuration = SignedDuration::from_mins(15);
/// Segments of a pass at least.
const MIN_SEGMENTS: u64 = 4;
/// Segments of a pass at most.
const MAX_SEGMENTS: u64 = 2_000;

impl Insight {
    pub(crate) async fn work(&self) -> Result<Worked, InsightError> {
        let started = Instant::now();
        let is_over = || started.elapsed() >= self.limits.invocation;
        let mut worked = Worked::default();
        let Some(pass) = self.pass_of_today().await? else { return Ok(Worked { finished: true, ..worked }) };
        while let Some((number, segment)) = self.take_segment(&pass.state).await? {
            let one = self.read_segment(&pass.state, number, segment, is_over).await?;
            worked.customers += one.customers;
            worked.advanced += one.advanced;
            if is_over() {
                break;
            }
        }
        let segments = self.store.pass_segments(&pass.state).await?;
        let done = segments.iter().filter(|(_, segment)| segment.state.done).count();
        if done < usize::from(pass.state.segments) {
            return Ok(worked);
        }
        let legs: BTreeSet<String> = segments.iter().flat_map(|(_, segment)| segment.state.legs.clone()).collect();
        worked.shops = self.report_on_shops(&pass.state, &legs, is_over).await?;
        if self.store.pass_shops(&pass.state).await?.iter().all(|(_, part)| part.state.done) {
            let Revised { state, revision } = pass;
            let customers = segments.iter().map(|(_, segment)| segment.state.customers).sum();
            let finished = Pass { finished_at: Some(self.clock.now()), customers, ..state };
            self.store.put_pass(&Revised { state: Some(finished), revision }).await?;
            worked.finished = true;
        }
        Ok(worked)
    }

    /// The pass of today, which is begun if there is none; nothing if it is finished.
    pub(crate) async fn pass_of_today(&self) -> Result<Option<Revised<Pass>>, InsightError> {
        let now = self.clock.now();
        let today = now.to_zoned(TimeZone::UTC).date();
        let Revised { state, revision } = self.store.latest_pass().await?;
        match state {
            // A clock that was set back begins no pass of an earlier day.
            Some(pass) if pass.day >= today => {
                Ok(pass.finished_at.is_none().then_some(Revised { state: pass, revision }))
            }
            before => {
                let customers = before.map_or(0, |pass| pass.customers);
                let segments = (customers / self.limits.customers_per_segment).clamp(MIN_SEGMENTS, MAX_SEGMENTS);
                let segments = u16::try_from(segments).unwrap_or(u16::MAX);
                let pass = Pass { day: today, started_at: now, segments, finished_at: None, customers: 0 };
                let begun = Revised { state: Some(pass.clone()), revision };
                if self.store.put_pass(&begun).await? {
                    return Ok(Some(Revised { state: pass, revision: revision + 1 }));
                }
                // Another worker began it just now.
                let Revised { state, revision } = self.store.latest_pass().await?;
                Ok(state.filter(|pass| pass.finished_at.is_none()).map(|state| Revised { state, revision }))
            }
        }
    }

    /// Takes a segment that is not done and that no worker has.
    pub(crate) async fn take_segment(&self, pass: &Pass) -> Result<Option<(u16, Revised<Segment>)>, InsightError> {
        let now = self.clock.now();
        let known = self.store.pass_segments(pass).await?;
        for number in 0..pass.segments {
            let known = known.iter().find(|(of, _)| *of == number).map(|(_, segment)| segment.clone());
            let Revised { mut state, revision } = known.unwrap_or_default();
            if state.done || is_leased(state.leased_until, now) {
                continue;
            }
            state.attempts += 1;
            state.leased_until = now.checked_add(LEASE).ok();
            let taken = Revised { state, revision };
            if self.store.put_pass_segment(pass, number, &taken).await? {
                return Ok(Some((number, Revised { revision: revision + 1, ..taken })));
            }
        }
        Ok(None)
    }

    /// Makes the reports of the shops that are not done and that no worker has; how many. A shop whose reports fail costs the others
    /// nothing, and is tried again when its lease is over.
    async fn report_on_shops(
        &self,
        pass: &Pass,
        legs: &BTreeSet<String>,
        is_over: impl Fn() -> bool,
    ) -> Result<u64, InsightError> {
        let mut reported = 0;
        for (shop, mut part) in self.store.pass_shops(pass).await? {
            let now = self.clock.now();
            if part.state.done || is_leased(part.state.leased_until, now) {
                continue;
            }
            if reported > 0 && is_over() {
                break;
            }
            part.state.leased_until = now.checked_add(LEASE).ok();
            if !self.store.put_pass_shop(pass, &shop, &part).await? {
                continue;
            }
            part.revision += 1;
            let span = spans::stream_shop(&shop);
            match guarded(self.report_on(pass, &shop, legs)).instrument(span.clone()).await {
                Some(Ok(())) => {
                    part.state.done = true;
                    // If another worker has it by now, it makes the same reports.
                    self.store.put_pass_shop(pass, &shop, &part).await?;
                    reported += 1;
                }
                Some(Err(error)) => {
                    let _entered = span.enter();
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(error, "a shop's reports were not made; they are tried again");
                }
                None => {
                    let _entered = span.enter();
                    tracing::error!("making a shop's reports panicked; they are tried again");
                }
            }
        }
        Ok(reported)
    }
}

fn is_leased(until: Option<Timestamp>, now: Timestamp) -> bool {
    until.is_some_and(|until| now < until)
}
