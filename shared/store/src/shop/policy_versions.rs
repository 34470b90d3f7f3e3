//! What a shop's policy was before: every edit that is accepted makes a version, and none is lost when two are made at
//! once.
//!
//! The item `policy` of a shop holds the text in force, what it says, and the number of its version; `policy#{number}` holds each
//! version: `toml`, `digest`, and when and by whom it was stored. Both are written in one transaction, on condition that
//! the number is the one that was read.

use crate::shop::policies::{MOST, PolicyNotStored, VALUES};
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

/// Who edits a policy, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// Who: a name for people, never a key.
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
        let value = json!({ TOML: toml, VALUES: PolicyValues::from_text(toml)? }).to_string();
        if value.len() > MOST {
            return Err(PolicyNotStored::TooLong(value.len()));
        }
        let digest = short_digest(&["policy", toml], 26);
        let who = edit.map(|edit| edit.by.as_str()).unwrap_or_default();
        let who = format!("{who} {digest}");
        let mut attempts = Attempts::at("policy", &who);
        while attempts.next().await {
            let in_force = self.policy_in_force(shop).await?;
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
        // The texts are long, and nobody asked for them: pages are read until the limit is reached.
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
        found.iter().take(usize::from(limit)).map(read).collect()
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
        Ok(Some((read(&item)?, toml)))
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

fn read(item: &HashMap<String, AttributeValue>) -> Result<PolicyVersion, StoreError> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;
    use futures::future::join_all;

    fn shop() -> ShopId {
        ShopId::parse("tea").expect("an id")
    }

    fn edit(by: &str) -> Edit {
        Edit { by: by.to_owned(), at: Timestamp::UNIX_EPOCH }
    }

    fn policy(total: usize) -> String {
        format!("[frequency_cap]\ntotal = {total}\n")
    }

    #[tokio::test]
    async fn every_edit_makes_a_version_and_the_text_in_force_makes_none() {
        let (store, _) = testing::store_and_client().await;
        let (anna, bob) = (edit("Anna"), edit("Bob"));
        let stored = [(1, 2, Some(&anna)), (2, 3, None), (2, 3, Some(&bob)), (3, 2, Some(&bob))];
        for (expected, total, edit) in stored {
            let version = store.edit_policy(&shop(), &policy(total), edit).await.expect("valid");
            assert_eq!(version.number, expected);
        }
        assert!(store.edit_policy(&shop(), "[frequency_cap]\ntotal = 0", Some(&bob)).await.is_err());
        assert_eq!(store.policy(&shop(), Timestamp::UNIX_EPOCH).await.expect("read").frequency_cap.total, 2);

        let all = store.policy_versions(&shop(), None, 10).await.expect("listed");
        let told: Vec<_> = all.iter().map(|one| (one.number, one.edit.as_ref().map(|edit| edit.by.as_str()))).collect();
        assert_eq!(told, [(3, Some("Bob")), (2, None), (1, Some("Anna"))]);
        assert_eq!(all[0].digest, all[2].digest);
        assert_ne!(all[0].digest, all[1].digest);
        let cut = store.policy_versions(&shop(), Some(3), 1).await.expect("listed");
        assert_eq!(cut, all[1..2]);
        let (version, toml) = store.policy_version(&shop(), 2).await.expect("read").expect("there");
        assert_eq!((version, toml), (all[1].clone(), policy(3)));
        assert_eq!(store.policy_version(&shop(), 4).await.expect("read"), None);
        let other = ShopId::parse("vinyl").expect("an id");
        assert_eq!(store.policy_versions(&other, None, 10).await.expect("listed"), []);
    }

    #[tokio::test]
    async fn a_policy_that_no_item_could_hold_is_refused_with_its_length() {
        let (store, _) = testing::store_and_client().await;
        let journey = "[[journey]]\nid = \"ID\"\ntrigger = \"first_order\"\npurpose = \"marketing\"\npriority = 1\n\
                       [[journey.step]]\nid = \"one\"\ndelay = \"1h\"\nchannel = \"email\"\ntemplate = \"welcome-thanks\"\n";
        let journeys = |count: usize| (0..count).map(|id| journey.replace("ID", &format!("j{id}"))).collect::<String>();
        store.edit_policy(&shop(), &journeys(1_000), None).await.expect("it fits");
        let refused = store.edit_policy(&shop(), &journeys(1_500), None).await.expect_err("it does not");
        assert!(refused.to_string().contains(" bytes as it is kept, and at most 380000 fit"), "{refused}");
        assert_eq!(store.policy(&shop(), Timestamp::UNIX_EPOCH).await.expect("read").journeys.len(), 1_000);
    }

    #[tokio::test]
    async fn of_edits_at_once_none_is_lost() {
        let (store, _) = testing::store_and_client().await;
        let texts: Vec<String> = (1..=5).map(policy).collect();
        let edits = texts.iter().map(|text| {
            let store = store.clone();
            async move { store.edit_policy(&shop(), text, Some(&edit("Anna"))).await }
        });
        let mut numbers: Vec<u32> = join_all(edits).await.into_iter().map(|one| one.expect("stored").number).collect();
        let last = numbers.iter().position(|number| *number == 5).expect("five versions");
        assert_eq!(store.policy_text(&shop()).await.expect("read").as_ref(), Some(&texts[last]));
        numbers.sort_unstable();
        assert_eq!(numbers, [1, 2, 3, 4, 5]);
        for text in &texts {
            let versions = store.policy_versions(&shop(), None, 10).await.expect("listed");
            let digest = short_digest(&["policy", text], 26);
            assert_eq!(versions.iter().filter(|one| one.digest == digest).count(), 1, "{text}");
        }
    }

    #[tokio::test]
    async fn a_policy_of_another_engine_is_not_taken_for_the_default_and_can_be_stored_again() {
        let (store, _) = testing::store_and_client().await;
        for other in [json!({ "toml": policy(2) }), json!({ "toml": policy(2), "values": { "moods": {} } })] {
            store.put_setting(&shop(), keys::POLICY_SK, &other).await.expect("stored");
            assert!(store.policy(&shop(), Timestamp::UNIX_EPOCH).await.is_err(), "{other}");
            assert_eq!(store.policy_text(&shop()).await.expect("read"), Some(policy(2)));
        }
        assert_eq!(store.edit_policy(&shop(), &policy(2), None).await.expect("stored").number, 1);
        assert_eq!(store.policy(&shop(), Timestamp::UNIX_EPOCH).await.expect("read").frequency_cap.total, 2);
        assert_eq!(store.edit_policy(&shop(), &policy(4), None).await.expect("stored").number, 2);
    }
}
