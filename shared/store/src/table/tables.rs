//! The tables: their names, what they look like, and how to create them where no template does.

use crate::table::error::StoreError;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, CreateGlobalSecondaryIndexAction, GlobalSecondaryIndex,
    GlobalSecondaryIndexUpdate, IndexStatus, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType, StreamSpecification, StreamViewType, TableDescription, TableStatus, TimeToLiveSpecification,
    TimeToLiveStatus,
};
use rekindle_platform::{Environment, SettingError};
use std::time::Duration;

/// The names of the tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tables {
    /// One item for each customer.
    pub customers: String,
    /// Facts, messages, decisions, and what was refused.
    pub activity: String,
    /// Settings, policies, templates and API keys.
    pub shops: String,
    /// The marks of erasures once more, where a restore of the other tables does not reach them. Only erasing needs it.
    pub erasures: Option<String>,
}

/// What a table looks like. The template in `infra/` must say the same.
#[derive(Debug, Clone)]
pub struct TableShape {
    /// Which of the [`Tables`].
    pub name: fn(&Tables) -> Option<&str>,
    /// Whether there is a sort key `sk`, a string; every table has the partition key `pk`, a string.
    pub sort_key: bool,
    /// Its indexes; they hold nothing but keys.
    pub indexes: &'static [IndexShape],
    /// Whether new images go to a stream.
    pub stream: bool,
    /// The attribute with the second since 1970 after which an item may be deleted.
    pub expiry: Option<&'static str>,
}

/// What an index looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexShape {
    /// Its name.
    pub name: &'static str,
    /// Its partition key, a string.
    pub hash: &'static str,
    /// Its sort key.
    pub range: &'static str,
    /// What the sort key is.
    pub range_type: ScalarAttributeType,
}

/// The index of `customers` by the time at which something is due. Sparse: only customers with both
/// attributes are in it.
pub const DUE_INDEX: IndexShape =
    IndexShape { name: "due", hash: "due_shard", range: "due_at", range_type: ScalarAttributeType::N };

/// The index of `customers` by stage and key, by which the customers of one shop are listed.
pub const STAGE_INDEX: IndexShape =
    IndexShape { name: "stage", hash: "stage", range: "pk", range_type: ScalarAttributeType::S };

/// The attribute with the second after which an item of `activity` or `shops` may be deleted.
pub const EXPIRES_AT: &str = "expires_at";

/// All tables.
pub const SHAPES: [TableShape; 4] = [
    TableShape {
        name: |t| Some(&t.customers),
        sort_key: false,
        indexes: &[DUE_INDEX, STAGE_INDEX],
        stream: false,
        expiry: None,
    },
    TableShape { name: |t| Some(&t.activity), sort_key: true, indexes: &[], stream: true, expiry: Some(EXPIRES_AT) },
    TableShape { name: |t| Some(&t.shops), sort_key: true, indexes: &[], stream: false, expiry: Some(EXPIRES_AT) },
    TableShape { name: |t| t.erasures.as_deref(), sort_key: false, indexes: &[], stream: false, expiry: None },
];

/// Maximum time until a new table can be used.
const CREATION_TIMEOUT: Duration = Duration::from_secs(60);

impl Tables {
    /// Tables named `{prefix}-customers`, `{prefix}-activity`, `{prefix}-shops` and `{prefix}-erasures`.
    #[must_use]
    pub fn with_prefix(prefix: &str) -> Self {
        let name = |table| format!("{prefix}-{table}");
        Self {
            customers: name("customers"),
            activity: name("activity"),
            shops: name("shops"),
            erasures: Some(name("erasures")),
        }
    }

    /// The table in which marks of erasures are kept.
    pub(crate) fn erasures(&self) -> Result<&str, StoreError> {
        self.erasures.as_deref().ok_or(StoreError::NoTableOfErasures)
    }

    /// The tables that the environment names.
    ///
    /// # Errors
    /// A variable is missing or malformed.
    pub fn from_environment(environment: &Environment) -> Result<Self, SettingError> {
        Ok(Self {
            customers: environment.table_customers()?,
            activity: environment.table_activity()?,
            shops: environment.table_shops()?,
            erasures: environment.table_erasures()?,
        })
    }

    /// Creates the tables that do not exist, billed by request, and waits until they can be used. Those that exist get the indexes
    /// that an earlier version did not have. May be called again after a failure.
    ///
    /// # Errors
    /// The database refused, or did not answer.
    pub async fn create_missing(&self, client: &Client) -> Result<(), StoreError> {
        for shape in &SHAPES {
            let Some(name) = (shape.name)(self) else { continue };
            create(client, name, shape).await?;
            let table = wait_until_active(client, name).await?;
            let known: Vec<_> =
                table.global_secondary_indexes().iter().filter_map(|index| index.index_name()).collect();
            for index in shape.indexes.iter().filter(|index| !known.contains(&index.name)) {
                add_index(client, name, index).await?;
                wait_until_active(client, name).await?;
            }
            if let Some(attribute) = shape.expiry {
                expire_by(client, name, attribute).await?;
            }
        }
        Ok(())
    }
}

async fn create(client: &Client, name: &str, shape: &TableShape) -> Result<(), StoreError> {
    let mut request = client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(attribute("pk", ScalarAttributeType::S))
        .key_schema(key("pk", KeyType::Hash));
    if shape.sort_key {
        request = request
            .attribute_definitions(attribute("sk", ScalarAttributeType::S))
            .key_schema(key("sk", KeyType::Range));
    }
    for index in shape.indexes {
        for definition in attributes(index).filter(|attribute| attribute.attribute_name() != "pk") {
            request = request.attribute_definitions(definition);
        }
        let described = GlobalSecondaryIndex::builder()
            .index_name(index.name)
            .set_key_schema(Some(key_schema(index)))
            .projection(only_keys());
        request = request.global_secondary_indexes(described.build().expect("the index has a name and keys"));
    }
    if shape.stream {
        let stream = StreamSpecification::builder().stream_enabled(true).stream_view_type(StreamViewType::NewImage);
        request = request.stream_specification(stream.build().expect("the stream is switched on"));
    }
    match request.send().await {
        Err(error) if error.as_service_error().is_some_and(|error| error.is_resource_in_use_exception()) => Ok(()),
        Err(error) => Err(StoreError::from_sdk("CreateTable", error)),
        Ok(_) => Ok(()),
    }
}

async fn add_index(client: &Client, table: &str, index: &IndexShape) -> Result<(), StoreError> {
    let create = CreateGlobalSecondaryIndexAction::builder()
        .index_name(index.name)
        .set_key_schema(Some(key_schema(index)))
        .projection(only_keys());
    let create = create.build().expect("the index has a name and keys");
    let update = client
        .update_table()
        .table_name(table)
        .set_attribute_definitions(Some(attributes(index).collect()))
        .global_secondary_index_updates(GlobalSecondaryIndexUpdate::builder().create(create).build());
    update.send().await.map(|_| ()).map_err(|error| StoreError::from_sdk("UpdateTable", error))
}

/// Waits until a table and its indexes can be used, and returns what it looks like.
async fn wait_until_active(client: &Client, name: &str) -> Result<TableDescription, StoreError> {
    let polling = async {
        loop {
            let answer = client.describe_table().table_name(name).send().await;
            let answer = answer.map_err(|error| StoreError::from_sdk("DescribeTable", error))?;
            let is_active = |table: &TableDescription| {
                let mut indexes = table.global_secondary_indexes().iter();
                table.table_status() == Some(&TableStatus::Active)
                    && indexes.all(|index| index.index_status() == Some(&IndexStatus::Active))
            };
            if let Some(table) = answer.table.filter(is_active) {
                return Ok(table);
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    };
    match tokio::time::timeout(CREATION_TIMEOUT, polling).await {
        Ok(result) => result,
        Err(elapsed) => Err(StoreError::Unavailable { operation: "CreateTable", source: elapsed.into() }),
    }
}

async fn expire_by(client: &Client, name: &str, attribute: &str) -> Result<(), StoreError> {
    let answer = client.describe_time_to_live().table_name(name).send().await;
    let answer = answer.map_err(|error| StoreError::from_sdk("DescribeTimeToLive", error))?;
    let status = answer.time_to_live_description().and_then(|description| description.time_to_live_status());
    if matches!(status, Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling)) {
        return Ok(());
    }
    let expiry = TimeToLiveSpecification::builder().enabled(true).attribute_name(attribute);
    let expiry = expiry.build().expect("the attribute is named");
    let answer = client.update_time_to_live().table_name(name).time_to_live_specification(expiry).send().await;
    answer.map(|_| ()).map_err(|error| StoreError::from_sdk("UpdateTimeToLive", error))
}

/// The attributes that are the keys of an index.
fn attributes(index: &IndexShape) -> impl Iterator<Item = AttributeDefinition> {
    [attribute(index.hash, ScalarAttributeType::S), attribute(index.range, index.range_type.clone())].into_iter()
}

fn key_schema(index: &IndexShape) -> Vec<KeySchemaElement> {
    vec![key(index.hash, KeyType::Hash), key(index.range, KeyType::Range)]
}

fn only_keys() -> Projection {
    Projection::builder().projection_type(ProjectionType::KeysOnly).build()
}

fn attribute(name: &str, kind: ScalarAttributeType) -> AttributeDefinition {
    let built = AttributeDefinition::builder().attribute_name(name).attribute_type(kind).build();
    built.expect("an attribute has a name and a type")
}

fn key(name: &str, kind: KeyType) -> KeySchemaElement {
    let built = KeySchemaElement::builder().attribute_name(name).key_type(kind).build();
    built.expect("a key has a name and a type")
}
