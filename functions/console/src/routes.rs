//! What can be requested.

use rekindle_platform::Route;

/// The pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageId {
    /// The style sheet of all pages.
    ConsoleStyle,
    /// Signing in.
    ConsoleLogIn,
    /// Signing out.
    ConsoleLogOut,
    /// What needs attention first.
    ConsoleHome,
    /// Finding customers.
    ConsoleCustomers,
    /// One customer.
    ConsoleCustomer,
    /// Everything that is stored about a customer, as a file.
    ConsoleExport,
    /// Erasing a customer.
    ConsoleErase,
    /// All journeys.
    ConsoleJourneys,
    /// One journey, and changing it.
    ConsoleJourney,
    /// What was learned from the history, and deciding about what is proposed.
    ConsoleLearned,
    /// The versions of the policy, and going back.
    ConsoleVersions,
    /// The work of the shop's people.
    ConsoleTasks,
    /// Events that were refused.
    ConsoleEvents,
    /// Brand and sending.
    ConsoleSettings,
}

const READ: &[&str] = &["GET"];
const BOTH: &[&str] = &["GET", "POST"];

/// Everything that this function answers to. None of the routes asks for a scope: the API does, for every page.
pub const ROUTES: [Route<PageId>; 15] = [
    Route::public(PageId::ConsoleStyle, READ, "/console/style.css"),
    Route::public(PageId::ConsoleLogIn, BOTH, "/console/login"),
    Route::public(PageId::ConsoleLogOut, &["POST"], "/console/logout"),
    Route::public(PageId::ConsoleHome, READ, "/console"),
    Route::public(PageId::ConsoleCustomers, READ, "/console/customers"),
    Route::public(PageId::ConsoleCustomer, READ, "/console/customer"),
    Route::public(PageId::ConsoleExport, READ, "/console/customer/export"),
    Route::public(PageId::ConsoleErase, BOTH, "/console/customer/erase"),
    Route::public(PageId::ConsoleJourneys, READ, "/console/journeys"),
    Route::public(PageId::ConsoleJourney, BOTH, "/console/journey"),
    Route::public(PageId::ConsoleLearned, BOTH, "/console/learned"),
    Route::public(PageId::ConsoleVersions, BOTH, "/console/versions"),
    Route::public(PageId::ConsoleTasks, BOTH, "/console/tasks"),
    Route::public(PageId::ConsoleEvents, BOTH, "/console/events"),
    Route::public(PageId::ConsoleSettings, BOTH, "/console/settings"),
];
