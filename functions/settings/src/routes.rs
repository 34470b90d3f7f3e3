//! The routes of the function.

use rekindle_platform::{Route, Scope};

/// What can be called. The ids are those of the operations in the description of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// The shop's policy, as TOML.
    ReadPolicy,
    /// Stores another policy.
    StorePolicy,
    /// What another policy would change now.
    TryPolicy,
    /// The versions of the policy.
    ListPolicyVersions,
    /// One version of the policy.
    ReadPolicyVersion,
    /// Stores the text of a version again.
    RestorePolicyVersion,
    /// Values of the policy that the shop's history speaks against.
    ListProposals,
    /// One of them, and what it would change now.
    ReadProposal,
    /// Puts it into the policy.
    AcceptProposal,
    /// Does not.
    RejectProposal,
    /// Name, sender, postal address, colour.
    ReadBrand,
    /// Stores another brand.
    StoreBrand,
    /// Whether the shop sends, and how fast at most.
    ReadSending,
    /// Stops or resumes sending, changes its limits.
    ChangeSending,
    /// The shop's own templates.
    ListTemplates,
    /// One of them.
    ReadTemplate,
    /// Stores a template.
    StoreTemplate,
    /// Removes a template.
    RemoveTemplate,
    /// The connections to shop systems.
    ListConnections,
    /// One of them.
    ReadConnection,
    /// Stores a connection.
    StoreConnection,
    /// Removes a connection.
    RemoveConnection,
    /// What deliveries would become.
    TryConnection,
    /// What became of the latest deliveries.
    ListDeliveries,
    /// Has deliveries read again.
    ReplayDeliveries,
}

/// Everything that this function answers to. The first path that fits a request decides.
pub const ROUTES: [Route<Operation>; 25] = [
    Route::new(Operation::ReadPolicy, Scope::Read, &["GET"], "/v1/policy"),
    Route::new(Operation::StorePolicy, Scope::Edit, &["PUT"], "/v1/policy"),
    Route::new(Operation::TryPolicy, Scope::Read, &["POST"], "/v1/policy/dry-run"),
    Route::new(Operation::ListPolicyVersions, Scope::Read, &["GET"], "/v1/policy/versions"),
    Route::new(Operation::ReadPolicyVersion, Scope::Read, &["GET"], "/v1/policy/versions/{version}"),
    Route::new(Operation::RestorePolicyVersion, Scope::Edit, &["POST"], "/v1/policy/versions/{version}/restore"),
    Route::new(Operation::ListProposals, Scope::Read, &["GET"], "/v1/proposals"),
    Route::new(Operation::ReadProposal, Scope::Read, &["GET"], "/v1/proposals/{subject}"),
    Route::new(Operation::AcceptProposal, Scope::Edit, &["POST"], "/v1/proposals/{subject}/accept"),
    Route::new(Operation::RejectProposal, Scope::Edit, &["POST"], "/v1/proposals/{subject}/reject"),
    Route::new(Operation::ReadBrand, Scope::Read, &["GET"], "/v1/brand"),
    Route::new(Operation::StoreBrand, Scope::Edit, &["PUT"], "/v1/brand"),
    Route::new(Operation::ReadSending, Scope::Read, &["GET"], "/v1/sending"),
    Route::new(Operation::ChangeSending, Scope::Operate, &["PUT"], "/v1/sending"),
    Route::new(Operation::ListTemplates, Scope::Read, &["GET"], "/v1/templates"),
    Route::new(Operation::ReadTemplate, Scope::Read, &["GET"], "/v1/templates/{name}/{language}"),
    Route::new(Operation::StoreTemplate, Scope::Edit, &["PUT"], "/v1/templates/{name}/{language}"),
    Route::new(Operation::RemoveTemplate, Scope::Edit, &["DELETE"], "/v1/templates/{name}/{language}"),
    Route::new(Operation::ListConnections, Scope::Read, &["GET"], "/v1/connectors"),
    Route::new(Operation::ReadConnection, Scope::Read, &["GET"], "/v1/connectors/{connector}"),
    Route::new(Operation::StoreConnection, Scope::Edit, &["PUT"], "/v1/connectors/{connector}"),
    Route::new(Operation::RemoveConnection, Scope::Edit, &["DELETE"], "/v1/connectors/{connector}"),
    Route::new(Operation::TryConnection, Scope::ReadPeople, &["POST"], "/v1/connectors/{connector}/try"),
    Route::new(Operation::ListDeliveries, Scope::ReadPeople, &["GET"], "/v1/connectors/{connector}/deliveries"),
    Route::new(Operation::ReplayDeliveries, Scope::Operate, &["POST"], "/v1/connectors/{connector}/replay"),
];
