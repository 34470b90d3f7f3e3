//! Shrinks a failing history: removes every fault, post and customer without which it still fails.

use crate::checker::{Kind, check};
use crate::fault::Plan;
use crate::play::{Play, play};
use crate::script::Outages;

/// The smallest history found that breaks the same promise.
pub(crate) fn shrunk(bad: &Play) -> Play {
    let Some(kind) = kinds(bad).first().copied() else { return bad.clone() };
    let mut best = bad.clone();
    let happened = play(bad).happened;
    let planned = happened.iter().map(|one| (one.number, one.fault)).collect();
    take(&mut best, kind, Plan { at: Some(planned), ..bad.plan.clone() }, |play, plan| play.plan = plan);
    let ends: [fn(&mut Outages); 4] = [
        |outages: &mut Outages| outages.stream = None,
        |outages: &mut Outages| outages.events = None,
        |outages: &mut Outages| outages.send = None,
        |outages: &mut Outages| outages.partition = None,
    ];
    for end in ends {
        take(&mut best, kind, (), |play, ()| end(&mut play.script.outages));
    }
    take(&mut best, kind, (), |play, ()| play.script.erasures.clear());
    take(&mut best, kind, (), |play, ()| play.script.edits.clear());
    take(&mut best, kind, (), |play, ()| play.script.rotated_at = None);
    for place in (0..best.script.posts.len()).rev() {
        take(&mut best, kind, place, |play, place| drop(play.script.posts.remove(place)));
    }
    let faults = best.plan.at.as_ref().map_or(0, Vec::len);
    // Removes many at once first, because most have nothing to do with the failure.
    for size in [64, 16, 4, 1] {
        for place in (0..faults.div_ceil(size)).rev() {
            take(&mut best, kind, place * size, |play, from| {
                let at = play.plan.at.get_or_insert_default();
                let until = (from + size).min(at.len());
                at.drain(from.min(until)..until);
            });
        }
    }
    best
}

fn kinds(it: &Play) -> Vec<Kind> {
    check(&play(it)).into_iter().map(|violation| violation.kind).collect()
}

/// Takes a change if the promise is still broken after it.
fn take<T>(best: &mut Play, kind: Kind, by: T, change: impl FnOnce(&mut Play, T)) {
    let mut changed = best.clone();
    change(&mut changed, by);
    if kinds(&changed).contains(&kind) {
        *best = changed;
    }
}
