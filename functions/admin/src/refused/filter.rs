//! Which refused events a call is about: those of some days, of a reason and of a field.

use jiff::civil::Date;
use rekindle_admin_api::Problem;
use rekindle_store::activity::quarantine::Refused;
use rekindle_store::customers::refused_place::RefusedPlace;

/// What a call asks for. Without a part, it is about all.
#[derive(Debug, Default)]
pub(super) struct Filter {
    /// The first day (UTC).
    pub(super) from: Option<Date>,
    /// The last day (UTC).
    pub(super) to: Option<Date>,
    /// The kind of the reason, or its whole text.
    pub(super) reason: Option<String>,
    /// The field that is wrong.
    pub(super) field: Option<String>,
}

impl Filter {
    /// The filter of a query.
    pub(super) fn parse<'q>(parameter: impl Fn(&str) -> Option<&'q str>) -> Result<Self, Problem> {
        let day = |name: &str| {
            let day = parameter(name).map(str::parse::<Date>).transpose();
            day.map_err(|_| Problem::bad_request(format!("{name} must be a day such as 2026-11-22.")))
        };
        let text = |name: &str| parameter(name).map(str::to_owned);
        Ok(Self { from: day("from")?, to: day("to")?, reason: text("reason"), field: text("field") })
    }

    /// Whether it is about all.
    pub(super) fn is_empty(&self) -> bool {
        let Self { from, to, reason, field } = self;
        from.is_none() && to.is_none() && reason.is_none() && field.is_none()
    }

    /// Those of the days that it is about, oldest first.
    pub(super) fn days(&self, days: Vec<Date>) -> Vec<Date> {
        let has = |day: &Date| self.from.is_none_or(|from| *day >= from) && self.to.is_none_or(|to| *day <= to);
        days.into_iter().filter(has).collect()
    }

    /// Whether it is about an event.
    pub(super) fn has(&self, refused: &Refused) -> bool {
        let of_reason = |reason: &String| *reason == refused.reason || Some(reason) == refused.code.as_ref();
        self.reason.as_ref().is_none_or(of_reason) && self.field.as_ref().is_none_or(|field| *field == refused.field)
    }
}

/// A place among refused events, as a cursor has it: `2026-11-22/` or `2026-11-22/refused#k7…`.
pub(super) fn place_to_text(place: &RefusedPlace) -> String {
    format!("{}/{}", place.day, place.after.as_deref().unwrap_or_default())
}

/// The place of a cursor.
pub(super) fn parse_place(after: &str) -> Result<RefusedPlace, Problem> {
    let place = after.split_once('/').and_then(|(day, sk)| {
        let after = Some(sk).filter(|sk| !sk.is_empty()).map(str::to_owned);
        Some(RefusedPlace { day: day.parse().ok()?, after })
    });
    place.ok_or_else(|| Problem::bad_request("after must be the next_after of the call before."))
}
