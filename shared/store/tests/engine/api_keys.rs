use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use rekindle_platform::{KeyLimits, Scope, Scopes};
use rekindle_store::shop::api_keys::{Role, hash_of};
use rekindle_store::{Store, keys};
use rekindle_testing::builders::shop_named;
use rekindle_testing::database::store_and_client;

#[tokio::test]
async fn a_key_opens_its_shop_until_it_is_revoked() {
    let (store, client) = store_and_client().await;
    let key = store.create_key(&shop_named("vinyl"), Role::Write, Timestamp::UNIX_EPOCH).await.expect("made");
    assert!(key.starts_with("rk_write_"));
    assert_eq!(store.authenticate(&key).await.expect("asked"), Some((shop_named("vinyl"), Role::Write)));
    let keys = store.keys_of(&shop_named("vinyl")).await.expect("listed");
    assert_eq!(keys.len(), 1);
    let stored = client.scan().table_name(&store.tables().shops).send().await.expect("scanned");
    assert!(!format!("{stored:?}").contains(&key[9..]), "the key itself is stored");

    assert!(store.revoke_key(&shop_named("tea"), &keys[0].hash).await.is_err_and(|error| error.is_conflict()));
    store.revoke_key(&shop_named("vinyl"), &keys[0].hash).await.expect("revoked");
    assert_eq!(store.authenticate(&key).await.expect("asked"), None);
    assert_eq!(store.keys_of(&shop_named("vinyl")).await.expect("listed"), []);
}

#[tokio::test]
async fn asking_again_within_a_minute_reads_nothing() {
    let (store, _) = store_and_client().await;
    let unknown = format!("rk_admin_{}", "0".repeat(64));
    let now = Timestamp::UNIX_EPOCH;
    store.capacity().take();
    for _ in 0..3 {
        assert_eq!(store.holder_of(&unknown, now).await.expect("asked"), None);
    }
    assert_eq!(store.capacity().take().read, 0.5);
    assert_eq!(store.holder_of("not a key", now).await.expect("asked"), None);
    assert_eq!(store.capacity().take().read, 0.0);
}

#[tokio::test]
async fn a_key_has_the_usual_limits_until_its_shop_is_given_others() {
    let (store, _) = store_and_client().await;
    let now = Timestamp::UNIX_EPOCH;
    let key = store.create_key(&shop_named("vinyl"), Role::Write, now).await.expect("made");
    let limits = async |now| store.holder_of(&key, now).await.expect("asked").map(|holder| holder.limits);
    assert_eq!(limits(now).await, Some(KeyLimits::DEFAULT));
    let own = KeyLimits { requests_per_second: 0.5, events_per_second: 9_000.0 };
    let of_another = store.limit_key(&shop_named("tea"), &hash_of(&key), own).await;
    assert!(of_another.is_err_and(|error| error.is_conflict()));
    store.limit_key(&shop_named("vinyl"), &hash_of(&key), own).await.expect("changed");
    assert_eq!(limits(now).await, Some(own));
}

#[tokio::test]
async fn a_key_has_the_scopes_of_its_role_until_it_is_given_its_own_and_unknown_codes_allow_nothing() {
    let (store, client) = store_and_client().await;
    let now = Timestamp::UNIX_EPOCH;
    let key = store.create_key(&shop_named("vinyl"), Role::Admin, now).await.expect("made");
    let scopes = async |store: &Store| store.holder_of(&key, now).await.expect("asked").map(|holder| holder.scopes);
    assert_eq!(scopes(&store).await, Some(Role::Admin.scopes()));
    let own = Scopes::new(&[Scope::Read, Scope::Visit]);
    let of_another = store.scope_key(&shop_named("tea"), &hash_of(&key), own).await;
    assert!(of_another.is_err_and(|error| error.is_conflict()));
    store.scope_key(&shop_named("vinyl"), &hash_of(&key), own).await.expect("changed");
    assert_eq!(scopes(&store).await, Some(own));
    // As a later version may store it.
    let codes = ["read", "fly"].map(str::to_owned).to_vec();
    let update = client.update_item().table_name(&store.tables().shops).update_expression("SET scopes = :scopes");
    let update = update
        .key("pk", AttributeValue::S(keys::api_key_pk(&hash_of(&key))))
        .key("sk", AttributeValue::S(keys::API_KEY_SK.to_owned()))
        .expression_attribute_values(":scopes", AttributeValue::Ss(codes));
    update.send().await.expect("stored");
    let fresh = Store::new(client.clone(), store.tables().clone());
    assert_eq!(scopes(&fresh).await, Some(Scopes::new(&[Scope::Read])));
}
