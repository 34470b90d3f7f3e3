//! The versions of a shop's policy: every accepted edit makes one, and none is lost when two are made concurrently.
//!
//! The item `policy` of a shop holds the text in force, what it says, and the number of its version; `policy#{number}` holds each
//! version: `toml`, `digest`, and when and by whom it was stored. Both are written in one transaction, on condition that
//! the number is the one that was read.

use crate::shop::policies::{MAX_POLICY_LEN, PolicyNotStored, VALUES};
use crate::store::Store;
use crate::table::attributes::number;
use crate::table::error::StoreError;
use crate::table::keys;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use jiff::Timestamp;
use rekindle_lifecycle::id::{ShopId, short_digest};
use rekindle_lifecycle::policy::PolicyValues;
use rekindle_platform::retry::Attempts;
use serde_json::json;
use std::collections::HashMap;

const VERSION: &str = "version";
const TOML: &str = "toml";
const DIGEST: &str = "digest";
const AT: &str = "at";
const BY: &str = "by";

/// The author and time of an edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The author: a name for readers, never a key.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

/// A version of a policy, without its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyVersion {
    /// From 1 on, without gaps.
    pub number: u32,
    /// A digest of the text: the same text has the same.
    pub digest: String,
    /// Who stored it; absent where a deployment set the shop up.
    pub edit: Option<Edit>,
}

/// The policy in force, as stored.
struct InForce {
    /// The document of its setting.
    value: Option<String>,
    /// 0 if no version was ever stored.
    version: u32,
}

impl Store {
    /// Stores the policy of a shop, in the form of `policy.toml`, if it has no mistake, as a new version. The text that
    /// is in force already makes none. The answer is the version in force. Of several edits at once each becomes a
    /// version of its own; the last one is in force.
    ///
    /// # Errors
    /// The text is refused, with the place and what would be right; or the database is.
    pub async fn edit_policy(
        &self,
        shop: &ShopId,
        toml: &str,
        edit: Option<&Edit>,
    ) -> Result<PolicyVersion, PolicyNotStored> {
        self.edit_policy_from(shop, toml, edit, None).await
    }

    /// The same, if `from` is the number of the version in force, or 0 and none was ever stored.
    ///
    /// # Errors
    /// As [`Store::edit_policy`]; or another version is in force.
    pub async fn edit_policy_from(
        &self,
        shop: &ShopId,
        toml: &str,
        edit: Option<&Edit>,
        from: Option<u32>,
    ) -> Result<PolicyVersion, PolicyNotStored> {
        let value = json!({ TOML: toml, VALUES: PolicyValues::from_text(toml)? }).to_string();
        if value.len() > MAX_POLICY_LEN {
            return Err(PolicyNotStored::TooLong(value.len()));
        }
        let digest = short_digest(&["policy", toml], 26);
        let who = edit.map(|edit| edit.by.as_str()).unwrap_or_default();
        let who = format!("{who} {digest}");
        let mut attempts = Attempts::at("policy", &who);
        while attempts.next().await {
            let in_force = self.policy_in_force(shop).await?;
            if from.is_some_and(|from| from != in_force.version) {
                return Err(PolicyNotStored::OutOfDate(in_force.version));
            }
            if in_force.version > 0 && in_force.value.as_deref() == Some(&value) {
                let stored = self.policy_version(shop, in_force.version).await?;
                return stored.map(|(version, _)| version).ok_or_else(|| unreadable(VERSION).into());
            }
            let next = PolicyVersion { number: in_force.version + 1, digest: digest.clone(), edit: edit.cloned() };
            let items = vec![self.put_in_force(shop, &value, next.number), self.put_version(shop, toml, &next)];
            if self.transact(items).await?.is_empty() {
                self.forget_policy(shop);
                return Ok(next);
            }
        }
        Err(PolicyNotStored::Busy(attempts.lost()))
    }

    /// The versions of a shop's policy before the number `before`, newest first, at most `limit`. Eventually consistent.
    ///
    /// # Errors
    /// The database refused or did not answer, or a version cannot be read.
    pub async fn policy_versions(
        &self,
        shop: &ShopId,
        before: Option<u32>,
        limit: u16,
    ) -> Result<Vec<PolicyVersion>, StoreError> {
        let last = before.unwrap_or(u32::MAX).saturating_sub(1);
        // The texts are long and not wanted here: pages are read until the limit is reached.
        let query = self
            .client
            .query()
            .table_name(&self.tables.shops)
            .key_condition_expression("pk = :pk AND sk BETWEEN :first AND :last")
            .expression_attribute_values(":pk", AttributeValue::S(keys::shop_pk(shop)))
            .expression_attribute_values(":first", AttributeValue::S(keys::policy_version_sk(0)))
            .expression_attribute_values(":last", AttributeValue::S(keys::policy_version_sk(last)))
            .projection_expression("sk, #digest, #at, #by")
            .expression_attribute_names("#digest", DIGEST)
            .expression_attribute_names("#at", AT)
            .expression_attribute_names("#by", BY)
            .scan_index_forward(false)
            .limit(i32::from(limit));
        let found = self.at_least(query, usize::from(limit)).await?;
        found.iter().take(usize::from(limit)).map(from_item).collect()
    }

    /// A version of a shop's policy and its text, if there is one of this number. Strongly consistent.
    ///
    /// # Errors
    /// The database refused or did not answer, or the version cannot be read.
    pub async fn policy_version(
        &self,
        shop: &ShopId,
        version: u32,
    ) -> Result<Option<(PolicyVersion, String)>, StoreError> {
        let sk = keys::policy_version_sk(version);
        let Some(item) = self.get(&self.tables.shops, keys::shop_pk(shop), Some(sk)).await? else { return Ok(None) };
        let toml = text(&item, TOML).cloned().ok_or_else(|| unreadable(TOML))?;
        Ok(Some((from_item(&item)?, toml)))
    }

    async fn policy_in_force(&self, shop: &ShopId) -> Result<InForce, StoreError> {
        let item = self.get(&self.tables.shops, keys::shop_pk(shop), Some(keys::POLICY_SK.to_owned())).await?;
        let version = item.as_ref().and_then(|item| item.get(VERSION)?.as_n().ok()?.parse().ok());
        let value = item.as_ref().and_then(|item| text(item, "value").cloned());
        Ok(InForce { value, version: version.unwrap_or(0) })
    }

    fn put_in_force(&self, shop: &ShopId, value: &str, version: u32) -> TransactWriteItem {
        let put = Put::builder()
            .table_name(&self.tables.shops)
            .item("pk", AttributeValue::S(keys::shop_pk(shop)))
            .item("sk", AttributeValue::S(keys::POLICY_SK.to_owned()))
            .item("value", AttributeValue::S(value.to_owned()))
            .item(VERSION, number(version))
            .expression_attribute_names("#version", VERSION);
        let put = if version == 1 {
            put.condition_expression("attribute_not_exists(#version)")
        } else {
            put.condition_expression("#version = :seen").expression_attribute_values(":seen", number(version - 1))
        };
        TransactWriteItem::builder().put(put.build().expect("a put has an item and a table")).build()
    }

    fn put_version(&self, shop: &ShopId, toml: &str, version: &PolicyVersion) -> TransactWriteItem {
        let mut put = Put::builder()
            .table_name(&self.tables.shops)
            .item("pk", AttributeValue::S(keys::shop_pk(shop)))
            .item("sk", AttributeValue::S(keys::policy_version_sk(version.number)))
            .item(TOML, AttributeValue::S(toml.to_owned()))
            .item(DIGEST, AttributeValue::S(version.digest.clone()))
            .condition_expression("attribute_not_exists(pk)");
        if let Some(edit) = &version.edit {
            put = put.item(AT, AttributeValue::S(edit.at.to_string())).item(BY, AttributeValue::S(edit.by.clone()));
        }
        TransactWriteItem::builder().put(put.build().expect("a put has an item and a table")).build()
    }
}

fn from_item(item: &HashMap<String, AttributeValue>) -> Result<PolicyVersion, StoreError> {
    let number = text(item, "sk").and_then(|sk| sk.strip_prefix(keys::POLICY_VERSION)?.parse().ok());
    let at = text(item, AT).map(|at| at.parse().map_err(|_| unreadable(AT))).transpose()?;
    Ok(PolicyVersion {
        number: number.ok_or_else(|| unreadable("sk"))?,
        digest: text(item, DIGEST).cloned().ok_or_else(|| unreadable(DIGEST))?,
        edit: at.zip(text(item, BY).cloned()).map(|(at, by)| Edit { by, at }),
    })
}

fn text<'i>(item: &'i HashMap<String, AttributeValue>, name: &str) -> Option<&'i String> {
    item.get(name).and_then(|value| value.as_s().ok())
}

fn unreadable(attribute: &'static str) -> StoreError {
    StoreError::Unreadable { family: "policy", attribute }
}
