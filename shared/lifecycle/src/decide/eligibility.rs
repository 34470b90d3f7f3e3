//! Whether a customer can and may be written to: when a message is created, and again when it is sent.

use crate::channel::{Channel, Purpose};
use crate::customer::{Consent, Customer, Folded, Order, Profile, Uncounted};
use crate::message::{Message, QUEUED_CHECK, Requirement};
use crate::policy::Policy;
use crate::reason::Reason;
use crate::stage::assess;
use crate::time::Zone;
use jiff::Timestamp;

/// What to do with a message that is about to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Send it.
    Send,
    /// Not at this hour: send it then.
    Later(Timestamp),
    /// Do not send it at all.
    Withdraw(Reason),
}

/// Checks again, just before a message is sent, whether it is still wanted and allowed: usefulness,
/// the conditions of its run, the stage it is about, address, consent, suppression and the hour.
#[must_use]
pub fn verdict(policy: &Policy, customer: &Customer, message: &Message, now: Timestamp) -> Verdict {
    let folded = &customer.folded;
    let standing = &customer.decided.standing;
    if standing.joined_to.is_some() || standing.shared_since.is_some() {
        let shared = standing.joined_to.is_none();
        return Verdict::Withdraw(if shared { Reason::SharedId } else { Reason::Joined });
    }
    if now >= message.not_after {
        let waited = lacks_permissions(folded, message.channel);
        return Verdict::Withdraw(if waited { Reason::PermissionUnread } else { Reason::TooLate });
    }
    let this_run = (message.journey.as_str(), message.run.as_str(), message.run_started_at);
    let holds = |condition| folded.holds(condition, this_run, &policy.calendar, now);
    if let Some(condition) = message.unless.iter().find(|condition| holds(**condition)) {
        return Verdict::Withdraw(Reason::from(*condition));
    }
    let purchases = folded.orders.purchases(&policy.calendar, now);
    let stage = assess(&policy.stages, &policy.calendar, &purchases, folded.reactions.latest(), now).stage;
    if let Some(reason) = message.requirement.unmet(purchases.occasions, stage) {
        return Verdict::Withdraw(reason);
    }
    if let Requirement::Unrecognised(_) = message.requirement {
        return Verdict::Later(QUEUED_CHECK.after(now));
    }
    if lacks_permissions(folded, message.channel) {
        return Verdict::Later(Uncounted::CHECK_INTERVAL.after(now).min(message.not_after));
    }
    if let Err(reason) = reach(folded, policy, message.channel, message.purpose, message.asks_to_confirm(), now) {
        return Verdict::Withdraw(reason);
    }
    match allowed_hour(policy, &folded.profile, message.channel, now) {
        at if at <= now => Verdict::Send,
        at if at >= message.not_after => Verdict::Withdraw(Reason::QuietHours),
        at => Verdict::Later(at),
    }
}

/// From which instant on the orders that are stored but may not be folded yet can change the verdict on a message; none if
/// no order can. The conditions of a run look back to its beginning. A stage follows from all orders, so one that happened
/// before the run, and that no decision has seen, matters as well.
#[must_use]
pub fn stored_orders_matter_since(customer: &Customer, message: &Message) -> Option<Timestamp> {
    let run = message.run_started_at;
    if let Requirement::Stage(_) = message.requirement {
        let latest = customer.folded.orders.recent().iter().map(Order::ordered_at).max();
        return Some(latest.map_or(run, |latest| latest.min(run)));
    }
    (!message.unless.is_empty()).then_some(run)
}

/// Whether what the customer allowed on a channel may not be counted yet, because this version cannot read it. Tasks are
/// for the shop's people and go on.
pub(super) fn lacks_permissions(folded: &Folded, channel: Channel) -> bool {
    folded.lacks_permissions() && !channel.row().opens_task
}

/// Whether the customer can and may be written to on a channel for a purpose. A message that asks to confirm goes to
/// those only who have not confirmed yet, and any other to those only who need not or did.
pub(super) fn reach(
    folded: &Folded,
    policy: &Policy,
    channel: Channel,
    purpose: Purpose,
    asks_to_confirm: bool,
    now: Timestamp,
) -> Result<(), Reason> {
    let permissions = &folded.permissions;
    if !folded.profile.can_be_reached_by(channel) {
        return Err(Reason::NoAddress);
    }
    if folded.suppressed(channel, now).is_some() {
        return Err(Reason::Suppressed);
    }
    match (permissions.consent(&policy.consent, channel, purpose), asks_to_confirm) {
        (Consent::Allowed, false) | (Consent::Unconfirmed, true) => {}
        (Consent::Allowed, true) => return Err(Reason::Settled),
        (Consent::Unconfirmed, false) => return Err(Reason::Unconfirmed),
        (Consent::Refused, _) => return Err(Reason::NoConsent),
    }
    if permissions.paused_until(now).is_some() {
        return Err(Reason::Paused);
    }
    if purpose != Purpose::Survey && folded.unhappy_until(policy.nps).is_some_and(|until| now < until) {
        return Err(Reason::Detractor);
    }
    Ok(())
}

/// The first instant, at or after `at`, at which the customer may be written to on a channel: by their own clock, or where
/// it is unknown by the clock of every zone they may live in.
pub(super) fn allowed_hour(policy: &Policy, profile: &Profile, channel: Channel, at: Timestamp) -> Timestamp {
    if !channel.row().heeds_quiet_hours {
        return at;
    }
    let own = profile.time_zone.as_ref().and_then(|zone| Zone::parse(&zone.value).ok());
    match own {
        Some(zone) => policy.quiet_hours.next_allowed(at, &[zone]),
        None => policy.quiet_hours.next_allowed(at, &policy.candidate_zones),
    }
}
