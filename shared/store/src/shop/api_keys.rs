//! The keys that shops authenticate with. Only their SHA-256 is stored; the key itself is shown once.
//!
//! No key is ever compared with another: a caller's key is hashed, and the hash is looked up, in memory and in the table.
//! The time that this takes reveals at most something about the hash of what the caller sent, which the caller can compute
//! anyway. To get nearer to a stored hash byte by byte one would have to find keys with chosen hashes, and a key has 32 random
//! bytes: there is nothing that a comparison in constant time would protect in addition.

pub use crate::shop::role::{KeyHolder, Role};
use crate::store::Store;
use crate::table::error::StoreError;
use crate::table::keys;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, ReturnConsumedCapacity, TransactWriteItem};
use jiff::Timestamp;
use rand::TryRng;
use rekindle_lifecycle::id::ShopId;
use rekindle_platform::{KeyLimits, Scope, Scopes};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// A key as it is stored, by its hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKeyRecord {
    /// SHA-256 of the key, 64 hexadecimal digits.
    pub hash: String,
    /// What its holder may do.
    pub role: Role,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Store {
    /// Creates a key for a shop from 32 random bytes and returns it: the only time that it can be seen.
    ///
    /// # Errors
    /// The operating system gave no random bytes, or the database refused or did not answer.
    pub async fn create_key(&self, shop: &ShopId, role: Role, now: Timestamp) -> Result<String, StoreError> {
        let mut secret = [0_u8; 32];
        rand::rngs::SysRng.try_fill_bytes(&mut secret).map_err(|_| StoreError::NoRandomness)?;
        let key = format!("{}{}", role.prefix(), base16ct::lower::encode_string(&secret));
        let hash = hash_of(&key);
        let put = |pk: String, sk: String| {
            let put = Put::builder()
                .table_name(&self.tables.shops)
                .item("pk", AttributeValue::S(pk))
                .item("sk", AttributeValue::S(sk))
                .item("shop", AttributeValue::S(shop.to_string()))
                .item("role", AttributeValue::S(role.name().to_owned()))
                .item("created_at", AttributeValue::S(now.to_string()))
                .build();
            TransactWriteItem::builder().put(put.expect("a put has a table and an item")).build()
        };
        let by_key = put(keys::api_key_pk(&hash), keys::API_KEY_SK.to_owned());
        let by_shop = put(keys::shop_pk(shop), keys::shop_key_sk(&hash));
        self.write_both(by_key, by_shop).await?;
        // It may have been tried before it existed.
        self.known_keys.forget(&hash);
        Ok(key)
    }

    /// Withdraws a key, by its hash (see [`Store::keys_of`]). Functions that have just seen it accept it
    /// for up to a minute. Withdrawing what does not exist changes nothing.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn revoke_key(&self, shop: &ShopId, hash: &str) -> Result<(), StoreError> {
        let delete = |pk: String, sk: String| {
            let delete = Delete::builder()
                .table_name(&self.tables.shops)
                .key("pk", AttributeValue::S(pk))
                .key("sk", AttributeValue::S(sk))
                // Another shop's key stays.
                .condition_expression("attribute_not_exists(pk) OR shop = :shop")
                .expression_attribute_values(":shop", AttributeValue::S(shop.to_string()))
                .build();
            TransactWriteItem::builder().delete(delete.expect("a delete has a table and a key")).build()
        };
        let by_key = delete(keys::api_key_pk(hash), keys::API_KEY_SK.to_owned());
        let by_shop = delete(keys::shop_pk(shop), keys::shop_key_sk(hash));
        self.write_both(by_key, by_shop).await?;
        self.known_keys.forget(hash);
        Ok(())
    }

    /// The keys of a shop.
    ///
    /// # Errors
    /// The database refused or did not answer, or a record cannot be read.
    pub async fn keys_of(&self, shop: &ShopId) -> Result<Vec<ApiKeyRecord>, StoreError> {
        let query = self
            .client
            .query()
            .table_name(&self.tables.shops)
            .key_condition_expression("pk = :pk AND begins_with(sk, :keys)")
            .expression_attribute_values(":pk", AttributeValue::S(keys::shop_pk(shop)))
            .expression_attribute_values(":keys", AttributeValue::S(keys::SHOP_API_KEY.to_owned()))
            .consistent_read(true);
        let answer = self.page(query).await?;
        answer.items().iter().map(record_from_item).collect()
    }

    /// Changes the limits of a key, by its hash. Functions follow within a minute.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if the shop has no such key; or the database refused or did not answer.
    pub async fn limit_key(&self, shop: &ShopId, hash: &str, limits: KeyLimits) -> Result<(), StoreError> {
        let number = |rate: f64| AttributeValue::N(rate.to_string());
        let update = self
            .client
            .update_item()
            .update_expression("SET requests_per_second = :requests, events_per_second = :events")
            .expression_attribute_values(":requests", number(limits.requests_per_second))
            .expression_attribute_values(":events", number(limits.events_per_second));
        self.update_key(shop, hash, update).await
    }

    /// Gives a key scopes of its own in the place of those of its role, by the key's hash. Functions follow within a minute.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if the shop has no such key; or the database refused or did not answer.
    ///
    /// # Panics
    /// Without a scope: revoke the key instead.
    pub async fn scope_key(&self, shop: &ShopId, hash: &str, scopes: Scopes) -> Result<(), StoreError> {
        assert_ne!(scopes, Scopes::NONE, "a key has at least one scope");
        let codes = scopes.iter().map(|scope| scope.code().to_owned()).collect();
        let update = self.client.update_item().update_expression("SET scopes = :scopes");
        self.update_key(shop, hash, update.expression_attribute_values(":scopes", AttributeValue::Ss(codes))).await
    }

    /// Applies an update to the record of a key, if it is the shop's. Functions of this process know it at once.
    async fn update_key(&self, shop: &ShopId, hash: &str, update: UpdateItemFluentBuilder) -> Result<(), StoreError> {
        let answer = update
            .table_name(&self.tables.shops)
            .key("pk", AttributeValue::S(keys::api_key_pk(hash)))
            .key("sk", AttributeValue::S(keys::API_KEY_SK.to_owned()))
            .condition_expression("shop = :shop")
            .expression_attribute_values(":shop", AttributeValue::S(shop.to_string()))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("UpdateItem", error))?;
        self.capacity.add_writes(answer.consumed_capacity());
        self.known_keys.forget(hash);
        Ok(())
    }

    /// Whose key this is and what it is for; `None` for an unknown one. Asks the table.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn authenticate(&self, key: &str) -> Result<Option<(ShopId, Role)>, StoreError> {
        let Some(hash) = hash_of_well_formed(key) else { return Ok(None) };
        Ok(self.read_holder(hash).await?.map(|holder| (holder.shop, holder.role)))
    }

    /// The holder of a key; `None` for an unknown key. The answer is remembered for a minute, so a revoked key opens nothing 60
    /// seconds later, wherever it was in use.
    ///
    /// # Errors
    /// The database refused or did not answer.
    pub async fn holder_of(&self, key: &str, now: Timestamp) -> Result<Option<KeyHolder>, StoreError> {
        let Some(hash) = hash_of_well_formed(key) else { return Ok(None) };
        if let Some(known) = self.known_keys.recall(&hash, now) {
            return Ok(known);
        }
        let holder = self.read_holder(hash.clone()).await?;
        self.known_keys.remember(hash, holder.clone(), now);
        Ok(holder)
    }

    async fn read_holder(&self, hash: String) -> Result<Option<KeyHolder>, StoreError> {
        let answer = self
            .client
            .get_item()
            .table_name(&self.tables.shops)
            .key("pk", AttributeValue::S(keys::api_key_pk(&hash)))
            .key("sk", AttributeValue::S(keys::API_KEY_SK.to_owned()))
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("GetItem", error))?;
        self.capacity.add_reads(answer.consumed_capacity());
        let Some(item) = &answer.item else { return Ok(None) };
        let unreadable = |attribute| StoreError::Unreadable { family: "key", attribute };
        let shop = text(item, "shop").and_then(|shop| ShopId::parse(shop).ok()).ok_or_else(|| unreadable("shop"))?;
        let role = text(item, "role").and_then(Role::from_name).ok_or_else(|| unreadable("role"))?;
        let rate = |name: &str| item.get(name).and_then(|value| value.as_n().ok()?.parse::<f64>().ok());
        let usual = KeyLimits::DEFAULT;
        let limits = KeyLimits {
            requests_per_second: rate("requests_per_second").unwrap_or(usual.requests_per_second),
            events_per_second: rate("events_per_second").unwrap_or(usual.events_per_second),
        };
        // A code that this version does not know allows nothing.
        let own = item.get("scopes").and_then(|value| value.as_ss().ok());
        let own = own.map(|codes| codes.iter().filter_map(|code| Scope::from_code(code)).collect());
        let scopes = own.unwrap_or(role.scopes());
        Ok(Some(KeyHolder { shop, role, scopes, hash, limits: limits.check().unwrap_or(usual) }))
    }

    async fn write_both(&self, first: TransactWriteItem, second: TransactWriteItem) -> Result<(), StoreError> {
        let answer = self
            .client
            .transact_write_items()
            .transact_items(first)
            .transact_items(second)
            .return_consumed_capacity(ReturnConsumedCapacity::Total)
            .send()
            .await
            .map_err(|error| StoreError::from_sdk("TransactWriteItems", error))?;
        self.capacity.add_writes(answer.consumed_capacity());
        Ok(())
    }
}

/// SHA-256 of a key, 64 hexadecimal digits: reveals nothing about the key and is how one refers to it.
#[must_use]
pub fn hash_of(key: &str) -> String {
    base16ct::lower::encode_string(&Sha256::digest(key.as_bytes()))
}

/// The hash of a text that has the form of a key; anything else is not looked up.
fn hash_of_well_formed(key: &str) -> Option<String> {
    let secret = Role::ALL.iter().find_map(|role| key.strip_prefix(role.prefix()))?;
    (secret.len() == 64 && secret.bytes().all(|b| b.is_ascii_hexdigit())).then(|| hash_of(key))
}

fn text<'i>(item: &'i HashMap<String, AttributeValue>, name: &str) -> Option<&'i str> {
    item.get(name).and_then(|value| value.as_s().ok()).map(String::as_str)
}

fn record_from_item(item: &HashMap<String, AttributeValue>) -> Result<ApiKeyRecord, StoreError> {
    let unreadable = |attribute| StoreError::Unreadable { family: "key", attribute };
    let hash = text(item, "sk").and_then(|sk| sk.strip_prefix(keys::SHOP_API_KEY)).ok_or_else(|| unreadable("sk"))?;
    let role = text(item, "role").and_then(Role::from_name).ok_or_else(|| unreadable("role"))?;
    let created_at = text(item, "created_at").and_then(|at| at.parse().ok()).ok_or_else(|| unreadable("created_at"))?;
    Ok(ApiKeyRecord { hash: hash.to_owned(), role, created_at })
}
