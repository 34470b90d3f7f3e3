//! The keys of what is learned from the shops' histories, in the table `shops`.

use jiff::civil::Date;
use rekindle_lifecycle::id::ShopId;

/// The partition of how far the pass over all customers is.
pub const PASS_PK: &str = "pass";
pub(super) const PIECES: &str = "pieces#";
pub(super) const REPORTS: &str = "reports#";
pub(super) const PROPOSALS: &str = "proposals#";

/// The sort key of the latest pass as a whole.
pub const PASS_SK: &str = "latest";
/// The sort key of what was proposed to a shop.
pub const PROPOSALS_SK: &str = "all";

/// The sort key of how far a segment of the customers is in the pass of a day.
#[must_use]
pub fn pass_segment_sk(day: Date, segment: u16) -> String {
    format!("{}{segment:04}", pass_segments_of(day))
}

/// Beginning of the sort keys of the segments of the pass of a day.
#[must_use]
pub fn pass_segments_of(day: Date) -> String {
    format!("{day}#segment#")
}

/// The sort key of how far a shop's reports are in the pass of a day.
#[must_use]
pub fn pass_shop_sk(day: Date, shop: &ShopId) -> String {
    format!("{}{shop}", pass_shops_of(day))
}

/// Beginning of the sort keys of the shops of the pass of a day.
#[must_use]
pub fn pass_shops_of(day: Date) -> String {
    format!("{day}#shop#")
}

/// The partition of what passes gathered of a shop's customers.
#[must_use]
pub fn pieces_pk(shop: &ShopId) -> String {
    format!("{PIECES}{shop}")
}

/// The sort key of a piece that a leg of a day's pass gathered.
#[must_use]
pub fn piece_sk(day: Date, leg: &str, number: u32) -> String {
    format!("{}{leg}#{number:06}", pieces_of(day))
}

/// Beginning of the sort keys of the pieces of the pass of a day.
#[must_use]
pub fn pieces_of(day: Date) -> String {
    format!("{day}#")
}

/// The leg that gathered a piece, from the piece's sort key.
#[must_use]
pub fn leg_of_piece(sk: &str) -> Option<&str> {
    sk.split('#').nth(1)
}

/// The partition of a shop's reports.
#[must_use]
pub fn reports_pk(shop: &ShopId) -> String {
    format!("{REPORTS}{shop}")
}

/// The sort key of the report of a day.
#[must_use]
pub fn report_sk(name: &str, day: Date) -> String {
    format!("{}{day}", reports_of(name))
}

/// Beginning of the sort keys of the reports of a name; they sort as their days do.
#[must_use]
pub fn reports_of(name: &str) -> String {
    format!("{name}#")
}

/// The partition of what was proposed to a shop.
#[must_use]
pub fn proposals_pk(shop: &ShopId) -> String {
    format!("{PROPOSALS}{shop}")
}
