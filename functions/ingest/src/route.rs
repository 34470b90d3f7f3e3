//! The routes of the function, and what each means.

use crate::limits;
use rekindle_inbound::{Kind, MAX_EVENT_BYTES, MAX_ORDER_BYTES};
use rekindle_platform::{Route, Scope};

/// What can be called. The ids are those of the operations in the description of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// The description of the API.
    Describe,
    /// The same under `/v1`.
    DescribeV1,
    /// Whether the function answers.
    Health,
    /// One event of a kind, which happened now.
    Track,
    /// See [`Operation::Track`].
    Identify,
    /// See [`Operation::Track`].
    Page,
    /// See [`Operation::Track`].
    Screen,
    /// See [`Operation::Track`].
    Group,
    /// See [`Operation::Track`].
    Alias,
    /// Events of any kind, which happened now.
    Batch,
    /// Events of any kind from a history.
    Import,
    /// One event of a kind from a history.
    ImportTrack,
    /// See [`Operation::ImportTrack`].
    ImportIdentify,
    /// See [`Operation::ImportTrack`].
    ImportPage,
    /// See [`Operation::ImportTrack`].
    ImportScreen,
    /// See [`Operation::ImportTrack`].
    ImportGroup,
    /// See [`Operation::ImportTrack`].
    ImportAlias,
    /// The same as [`Operation::Import`].
    ImportBatch,
    /// [`Operation::Track`] where libraries for browsers and phones post it. So are the next ones.
    BrowserTrack,
    /// See [`Operation::BrowserTrack`].
    BrowserIdentify,
    /// See [`Operation::BrowserTrack`].
    BrowserPage,
    /// See [`Operation::BrowserTrack`].
    BrowserScreen,
    /// See [`Operation::BrowserTrack`].
    BrowserGroup,
    /// See [`Operation::BrowserTrack`].
    BrowserAlias,
    /// See [`Operation::BrowserTrack`].
    BrowserBatch,
    /// A batch that a page sends while it is left, with the key in the query.
    BeaconBatch,
    /// The settings that Segment's libraries for browsers and phones ask for when they start.
    SegmentSettings,
    /// The settings that RudderStack's libraries ask for.
    RudderstackSettings,
}

const GET: &[&str] = &["GET", "OPTIONS"];
const POST: &[&str] = &["POST", "OPTIONS"];

/// Everything that this function answers to. What browsers and phones call asks for the scope `visit` only; what a key without the scope
/// `send` says is read as [`rekindle_inbound::parse_public`] does.
pub const ROUTES: [Route<Operation>; 28] = [
    Route::public(Operation::Describe, GET, "/openapi.json"),
    Route::public(Operation::DescribeV1, GET, "/v1/openapi.json"),
    Route::public(Operation::Health, GET, "/v1/health"),
    Route::new(Operation::Track, Scope::Visit, POST, "/v1/track"),
    Route::new(Operation::Identify, Scope::Visit, POST, "/v1/identify"),
    Route::new(Operation::Page, Scope::Visit, POST, "/v1/page"),
    Route::new(Operation::Screen, Scope::Visit, POST, "/v1/screen"),
    Route::new(Operation::Group, Scope::Visit, POST, "/v1/group"),
    Route::new(Operation::Alias, Scope::Visit, POST, "/v1/alias"),
    Route::new(Operation::Batch, Scope::Visit, POST, "/v1/batch"),
    Route::new(Operation::Import, Scope::Send, POST, "/v1/import"),
    Route::new(Operation::ImportTrack, Scope::Send, POST, "/v1/import/track"),
    Route::new(Operation::ImportIdentify, Scope::Send, POST, "/v1/import/identify"),
    Route::new(Operation::ImportPage, Scope::Send, POST, "/v1/import/page"),
    Route::new(Operation::ImportScreen, Scope::Send, POST, "/v1/import/screen"),
    Route::new(Operation::ImportGroup, Scope::Send, POST, "/v1/import/group"),
    Route::new(Operation::ImportAlias, Scope::Send, POST, "/v1/import/alias"),
    Route::new(Operation::ImportBatch, Scope::Send, POST, "/v1/import/batch"),
    Route::new(Operation::BrowserTrack, Scope::Visit, POST, "/v1/t"),
    Route::new(Operation::BrowserIdentify, Scope::Visit, POST, "/v1/i"),
    Route::new(Operation::BrowserPage, Scope::Visit, POST, "/v1/p"),
    Route::new(Operation::BrowserScreen, Scope::Visit, POST, "/v1/s"),
    Route::new(Operation::BrowserGroup, Scope::Visit, POST, "/v1/g"),
    Route::new(Operation::BrowserAlias, Scope::Visit, POST, "/v1/a"),
    Route::new(Operation::BrowserBatch, Scope::Visit, POST, "/v1/b"),
    Route::new(Operation::BeaconBatch, Scope::Visit, POST, "/beacon/v1/batch"),
    Route::public(Operation::SegmentSettings, GET, "/v1/projects/{key}/settings"),
    Route::public(Operation::RudderstackSettings, GET, "/v1/sourceConfig"),
];

/// The description of the whole HTTP API (OpenAPI 3.1), of this function and of the others.
pub const OPENAPI: &str = include_str!("../../openapi.json");

/// Whether pages of any origin may call it, by the rules of browsers.
pub(crate) fn is_for_browsers(route: &Route<Operation>) -> bool {
    match route.id {
        Operation::SegmentSettings | Operation::RudderstackSettings => true,
        _ => route.scope == Some(Scope::Visit),
    }
}

/// A call that sends events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Call {
    /// The kind of its only event; `None` for a batch, whose events name their kinds.
    pub(crate) kind: Option<Kind>,
    /// Whether it came under `/v1/import`: its times are history, not the reading of a clock.
    pub(crate) historical: bool,
}

impl Call {
    /// The call of an operation; `None` for one that sends no events.
    pub(crate) fn for_operation(operation: Operation) -> Option<Self> {
        let (kind, historical) = match operation {
            Operation::Describe
            | Operation::DescribeV1
            | Operation::Health
            | Operation::SegmentSettings
            | Operation::RudderstackSettings => return None,
            Operation::Track | Operation::BrowserTrack => (Some(Kind::Track), false),
            Operation::Identify | Operation::BrowserIdentify => (Some(Kind::Identify), false),
            Operation::Page | Operation::BrowserPage => (Some(Kind::Page), false),
            Operation::Screen | Operation::BrowserScreen => (Some(Kind::Screen), false),
            Operation::Group | Operation::BrowserGroup => (Some(Kind::Group), false),
            Operation::Alias | Operation::BrowserAlias => (Some(Kind::Alias), false),
            Operation::Batch | Operation::BrowserBatch | Operation::BeaconBatch => (None, false),
            Operation::ImportTrack => (Some(Kind::Track), true),
            Operation::ImportIdentify => (Some(Kind::Identify), true),
            Operation::ImportPage => (Some(Kind::Page), true),
            Operation::ImportScreen => (Some(Kind::Screen), true),
            Operation::ImportGroup => (Some(Kind::Group), true),
            Operation::ImportAlias => (Some(Kind::Alias), true),
            Operation::Import | Operation::ImportBatch => (None, true),
        };
        Some(Self { kind, historical })
    }

    pub(crate) fn is_batch(self) -> bool {
        self.kind.is_none()
    }

    /// The longest body of the call, in bytes.
    pub(crate) fn max_body_bytes(self) -> usize {
        match self.kind {
            None => limits::MAX_BATCH_BYTES,
            // It may be an order.
            Some(Kind::Track) => MAX_ORDER_BYTES,
            Some(_) => MAX_EVENT_BYTES,
        }
    }
}
