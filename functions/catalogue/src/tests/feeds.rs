//! Feeds as a shop names them and a schedule fetches them, over real TLS.

use super::fetching::{FEED, Fetching, HOST, feed, gzipped};
use super::*;
use rekindle_testing::{Reply, WebHost};
use std::time::Duration;

#[tokio::test]
async fn a_feed_is_fetched_when_it_is_due_and_its_products_are_known() {
    let fetching = Fetching::new().await;
    fetching.serve(feed(0..3));
    fetching.store(FEED).await;
    assert_eq!(fetching.fetch().await, FetchedFeeds { fetched: 1, failed: 0, left: 0 });
    let tea = fetching.rig.json("GET", "/v1/products/T-1", "").await;
    assert_eq!((&tea["name"], &tea["price"], &tea["said_by"]), (&json!("Tea 1"), &json!("2.50"), &json!(["feed"])));
    assert_eq!(fetching.fetch().await, FetchedFeeds::default(), "it is due in a day");
    fetching.pass(24 * 60);
    assert_eq!(fetching.fetch().await.fetched, 1);
    insta::assert_json_snapshot!(fetching.feed().await);
}

#[tokio::test]
async fn a_feed_that_did_not_change_costs_nothing_but_the_question() {
    let fetching = Fetching::new().await;
    let reply = Reply::file(feed(0..3)).with_etag("\"v1\"").with("last-modified", "Fri, 20 Nov 2026 10:00:00 GMT");
    fetching.host.reply(HOST, "/feed.xml?token=SECRET", reply);
    fetching.store(FEED).await;
    assert_eq!(fetching.fetched().await["changed"], 3);
    assert!(!fetching.host.requests()[0].contains("if-none-match"), "nothing was known");
    fetching.pass(24 * 60);
    fetching.rig.store.capacity().take();
    fetching.fetch().await;
    let used = fetching.rig.store.capacity().take();
    assert!(used.write <= 4.0, "the claim and the report, at most 2 KB each: {}", used.write);
    let asked = fetching.host.requests().remove(0);
    assert!(asked.contains("if-none-match: \"v1\"") && asked.contains("if-modified-since: Fri, 20 Nov"), "{asked}");
    let feed = fetching.feed().await;
    assert_eq!(feed["last_fetch"]["outcome"], "unchanged");
    assert_eq!(feed["last_taken"]["entries"], 3, "what was taken in last stays visible");
    // Who asks for it gets it whole.
    fetching.rig.json("POST", "/v1/feeds/main/fetch", "").await;
    assert_eq!(fetching.fetched().await["outcome"], "taken");
}

#[tokio::test]
async fn a_feed_is_unpacked_however_often_and_wherever_it_was_compressed() {
    for (content, encoding) in [
        (gzipped(feed(0..3).as_bytes()), None),
        (gzipped(feed(0..3).as_bytes()), Some("gzip")),
        (gzipped(&gzipped(feed(0..3).as_bytes())), Some("gzip")),
        (b"id\ttitle\tprice\nT-0\tTea\t1.50 EUR\nT-1\tTea\t1.50 EUR\nT-2\tTea\t1.50 EUR\n".to_vec(), None),
    ] {
        let fetching = Fetching::new().await;
        let mut reply = Reply::file(content);
        if let Some(encoding) = encoding {
            reply = reply.with("content-encoding", encoding);
        }
        fetching.host.reply(HOST, "/feed.xml?token=SECRET", reply);
        fetching.store(FEED).await;
        assert_eq!(fetching.fetched().await["entries"], 3);
    }
}

#[tokio::test]
async fn what_a_whole_feed_has_no_more_is_discontinued_and_what_a_cut_or_empty_one_has_not_stays() {
    let fetching = Fetching::new().await;
    fetching.serve(feed(0..10));
    fetching.store(FEED).await;
    fetching.fetch().await;
    let whole = feed(0..10);
    let cut_in_gzip = gzipped(whole.as_bytes());
    for (reply, outcome, detail) in [
        (Reply::file(&whole.as_bytes()[..whole.len() / 2]), "cut", "The feed is cut: it ends after entry 4"),
        (Reply::file(&cut_in_gzip[..cut_in_gzip.len() / 2]), "failed", "cannot be unpacked"),
        (Reply::file(whole.as_bytes()).cut_after(whole.len() / 2), "cut", "the connection to its server broke"),
        (Reply::file(whole.as_bytes()).cut_after(0), "failed", "the connection to its server broke"),
        (Reply::file(feed([])), "failed", "no entry that can be used"),
        (Reply::file(""), "failed", "no product feed"),
        (Reply::file("<html><body>We are moving</body></html>"), "failed", "no entry that can be used"),
        (Reply::status(503), "failed", "status 503"),
        (Reply::status(304), "failed", "status 304"),
        (Reply::file("x").with("content-encoding", "br"), "failed", "encoding other than gzip"),
    ] {
        fetching.host.reply(HOST, "/feed.xml?token=SECRET", reply);
        fetching.pass(24 * 60);
        let last = fetching.fetched().await;
        assert_eq!(last["outcome"], outcome, "{last}");
        assert!(last["detail"].as_str().is_some_and(|told| told.contains(detail)), "{last} has not {detail:?}");
        assert_eq!(fetching.availability("T-9").await, "in_stock", "{last}");
    }
    assert_eq!(fetching.feed().await["failures"], 10);
    fetching.serve(feed(0..8));
    fetching.pass(24 * 60);
    let last = fetching.fetched().await;
    assert_eq!((&last["outcome"], &last["discontinued"]), (&json!("taken"), &json!(2)));
    assert_eq!(fetching.availability("T-9").await, "discontinued");
    assert_eq!(fetching.availability("T-7").await, "in_stock");
    fetching.serve(feed(0..3));
    fetching.pass(24 * 60);
    let last = fetching.fetched().await;
    assert_eq!(last["discontinued"], 0, "most of it is missing");
    assert!(last["detail"].as_str().is_some_and(|told| told.contains("5 of 8 products are missing")), "{last}");
    assert_eq!(fetching.availability("T-7").await, "in_stock");
}

#[tokio::test]
async fn a_name_that_leads_inside_is_not_connected_to_and_neither_is_one_that_does_so_only_sometimes() {
    let fetching = Fetching::new().await;
    fetching.serve(feed(0..3));
    fetching.store(FEED).await;
    for inside in [
        &["127.0.0.1"][..],
        &["10.0.0.5"],
        &["169.254.169.254"],
        &["100.64.0.1"],
        &["224.0.0.1"],
        &["::1"],
        &["fe80::1"],
        &["fd00:ec2::254"],
        &["::ffff:10.0.0.5"],
        &["64:ff9b::a9fe:a9fe"],
        &[WebHost::PUBLIC, "127.0.0.1"],
    ] {
        fetching.host.name(HOST, inside);
        fetching.pass(24 * 60);
        let last = fetching.fetched().await;
        assert_eq!(
            last["detail"],
            "The feed cannot be fetched: the name of its server leads to an address that is not public."
        );
        assert_eq!(fetching.host.dialled(), [], "{inside:?}");
    }
    fetching.host.name(HOST, &[WebHost::PUBLIC]);
    fetching.pass(24 * 60);
    let _ = fetching.host.resolved();
    assert_eq!(fetching.fetched().await["outcome"], "taken");
    assert_eq!(fetching.host.resolved(), [HOST], "the name is resolved once");
    let checked: Vec<String> = fetching.host.dialled().iter().map(ToString::to_string).collect();
    assert_eq!(checked, [format!("{}:443", WebHost::PUBLIC)], "the connection goes to the address that was checked");
}

#[tokio::test]
async fn redirects_are_followed_to_public_addresses_only_and_not_for_ever() {
    let fetching = Fetching::new().await;
    fetching.host.name("inside.example", &["192.168.0.1"]);
    fetching.host.reply("cdn.example", "/1.xml", Reply::file(feed(0..3)));
    fetching.store(FEED).await;
    for (to, outcome, detail) in [
        ("https://cdn.example/1.xml", "taken", None),
        ("https://inside.example/1.xml", "failed", Some("leads to an address that is not public")),
        (
            "https://127.0.0.1/1.xml",
            "failed",
            Some("redirects to an address that leads to an address that is not public"),
        ),
        ("http://cdn.example/1.xml", "failed", Some("redirects to an address that must begin with https://")),
        ("https://cdn.example:8443/1.xml", "failed", Some("must not name a port")),
        ("/feed.xml?token=SECRET", "failed", Some("redirects more than 5 times")),
    ] {
        fetching.host.reply(HOST, "/feed.xml?token=SECRET", Reply::redirect(to));
        fetching.pass(24 * 60);
        let _ = fetching.host.dialled();
        let last = fetching.fetched().await;
        assert_eq!(last["outcome"], outcome, "{last}");
        if let Some(detail) = detail {
            assert!(last["detail"].as_str().is_some_and(|told| told.contains(detail)), "{last} has not {detail:?}");
        }
        let dialled = fetching.host.dialled();
        assert!(dialled.iter().all(|to| to.ip().to_string() == WebHost::PUBLIC), "{dialled:?}");
        assert!(dialled.len() <= 6, "{dialled:?}");
    }
}

#[tokio::test]
async fn a_server_without_a_certificate_for_its_name_is_not_believed() {
    let fetching = Fetching::new().await;
    fetching.host.name("other.example", &[WebHost::PUBLIC]);
    fetching.store("https://other.example/feed.xml").await;
    let last = fetching.fetched().await;
    assert!(last["detail"].as_str().is_some_and(|told| told.contains("no certificate for that name")), "{last}");
    assert_eq!(fetching.host.requests(), Vec::<String>::new());
}

#[tokio::test]
async fn over_the_machines_own_network_nothing_of_this_machine_is_reached() {
    let fetching = Fetching::new().await;
    let own = Catalogue { web: PublicWeb::system(), ..fetching.rig.function.clone() };
    fetching.store("https://localhost/feed.xml").await;
    fetch_due(&own).await.expect("the list of feeds");
    let last = fetching.feed().await["last_fetch"].clone();
    assert!(last["detail"].as_str().is_some_and(|told| told.contains("not public")), "{last}");
}

#[tokio::test]
async fn a_feed_that_does_not_fit_goes_on_where_it_stopped_and_ends_whole() {
    let mut fetching = Fetching::new().await;
    fetching.rig.function.limits.entries = 400;
    fetching.host.reply(HOST, "/feed.xml?token=SECRET", Reply::file(feed(0..1_000)).with_etag("\"v1\""));
    fetching.store(FEED).await;
    let mut ended = Vec::new();
    for _ in 0..3 {
        let last = fetching.fetched().await;
        ended.push((last["outcome"].clone(), last["entries"].clone(), last["changed"].clone()));
    }
    let expected = [("unfinished", 400), ("unfinished", 800), ("taken", 1_000)];
    assert_eq!(ended, expected.map(|(outcome, count)| (json!(outcome), json!(count), json!(count))));
    assert_eq!(fetching.feed().await["last_fetch"]["discontinued"], 0, "the parts together are the whole");
    assert_eq!(fetching.availability("T-999").await, "in_stock");
    // Another version in between begins anew, and nothing of it is left out.
    fetching.rig.function.limits.entries = 400;
    fetching.rig.json("POST", "/v1/feeds/main/fetch", "").await;
    fetching.fetched().await;
    fetching.host.reply(HOST, "/feed.xml?token=SECRET", Reply::file(feed(0..1_001)).with_etag("\"v2\""));
    assert_eq!(fetching.fetched().await["entries"], 400);
}

#[tokio::test]
async fn a_feed_without_end_is_given_up_and_what_it_said_before_stays() {
    let mut fetching = Fetching::new().await;
    fetching.rig.function.limits.bytes = 64 * 1024;
    // 64 KB of products, and then spaces, of which a million are compressed to a thousand bytes.
    let bomb = format!("{}{}", feed(0..100).replace("</channel></rss>", ""), " ".repeat(1_000_000));
    fetching.serve(gzipped(bomb.as_bytes()));
    fetching.store(FEED).await;
    let last = fetching.fetched().await;
    assert_eq!((&last["outcome"], &last["detail"]), (&json!("failed"), &json!("The feed has more than 0 MB.")));
    assert_eq!(last["entries"], 100);
}

#[tokio::test]
async fn two_fetchers_do_not_fetch_the_same_and_one_that_stopped_is_followed() {
    let fetching = Fetching::new().await;
    fetching.serve(feed(0..3));
    fetching.store(FEED).await;
    let both = futures::join!(fetching.fetch(), fetching.fetch());
    assert_eq!(both.0.fetched + both.1.fetched, 1);
    assert_eq!(fetching.host.requests().len(), 1);
    // One that stopped after its claim.
    fetching.pass(24 * 60);
    let mut claimed = fetching.rig.store.all_feeds().await.expect("the list").remove(0);
    claimed.state.claim(now() + SignedDuration::from_mins(24 * 60));
    assert!(fetching.rig.store.put_feed(&claimed).await.expect("stored"));
    assert_eq!(fetching.fetch().await.fetched, 0);
    fetching.pass(20);
    assert_eq!(fetching.fetch().await.fetched, 1);
}

#[tokio::test]
async fn an_address_that_was_changed_while_it_was_fetched_is_due_anew() {
    let fetching = Fetching::new().await;
    fetching.serve(feed(0..3));
    fetching.host.reply(HOST, "/new.xml", Reply::file(feed(0..4)));
    fetching.store(FEED).await;
    let mut claimed = fetching.rig.store.all_feeds().await.expect("the list").remove(0);
    fetching.store("https://tea.example/new.xml").await;
    // The fetcher of the old address ends.
    claimed.state.claim(now());
    assert!(!fetching.rig.store.put_feed(&claimed).await.expect("asked"), "it is not the one that was read");
    assert_eq!(fetching.fetched().await["entries"], 4);
}

#[tokio::test]
async fn a_feed_whose_fetcher_stopped_is_left_alone_until_the_claim_is_over() {
    let fetching = Fetching::new().await;
    fetching.serve(feed(0..3));
    fetching.store(FEED).await;
    fetching.host.break_next_caller();
    assert_eq!(fetching.fetch().await.failed, 1);
    assert_eq!(fetching.fetch().await, FetchedFeeds::default(), "for all that is known, somebody is at it");
    fetching.pass(20);
    assert_eq!(fetching.fetched().await["outcome"], "taken");
}

#[tokio::test]
async fn an_invocation_begins_no_feed_after_its_time() {
    let mut fetching = Fetching::new().await;
    fetching.rig.function.limits.invocation = Duration::ZERO;
    fetching.serve(feed(0..3));
    fetching.store(FEED).await;
    assert_eq!(fetching.fetch().await, FetchedFeeds { fetched: 0, failed: 0, left: 1 });
    fetching.rig.function.limits = Limits::default();
    assert_eq!(fetching.fetch().await.fetched, 1);
}

#[tokio::test]
async fn what_is_no_feed_of_the_public_web_is_refused_when_it_is_stored() {
    let fetching = Fetching::new().await;
    for (url, reason) in [
        ("http://tea.example/feed.xml", "url must begin with https://."),
        ("https://anna:secret@tea.example/feed.xml", "url must not have a user or a password before its host."),
        ("https://10.0.0.1/feed.xml", "url leads to an address that is not public."),
        ("https://[::ffff:127.0.0.1]/feed.xml", "url leads to an address that is not public."),
        ("feed.xml", "url is no address such as https://shop.example/feed.xml, of at most 2,000 bytes."),
    ] {
        let body = json!({ "url": url }).to_string();
        assert_eq!(fetching.rig.refused(422, "PUT", "/v1/feeds/main", &body).await, reason);
    }
    let often = json!({ "url": FEED, "every_hours": 0 }).to_string();
    fetching.rig.refused(422, "PUT", "/v1/feeds/main", &often).await;
    fetching.rig.refused(422, "PUT", "/v1/feeds/Main%20Feed", &json!({ "url": FEED }).to_string()).await;
    for number in 0..10 {
        let name = format!("/v1/feeds/f{number}");
        fetching.rig.json("PUT", &name, &json!({ "url": FEED }).to_string()).await;
    }
    fetching.rig.refused(422, "PUT", "/v1/feeds/f10", &json!({ "url": FEED }).to_string()).await;
    fetching.rig.json("PUT", "/v1/feeds/f9", &json!({ "url": FEED }).to_string()).await;
}

#[tokio::test]
async fn a_shop_sees_changes_and_removes_its_own_feeds_only_and_nobody_sees_their_keys() {
    let fetching = Fetching::new().await;
    fetching.store(FEED).await;
    let other = format!("Bearer {}", fetching.rig.other_key().await);
    let (_, seen) = fetching.rig.call_with(&other, "GET", "/v1/feeds", "").await;
    assert_eq!(seen, r#"{"feeds":[]}"#);
    for (method, path) in [("DELETE", "/v1/feeds/main"), ("POST", "/v1/feeds/main/fetch")] {
        assert_eq!(fetching.rig.call_with(&other, method, path, "").await.0, 404);
    }
    let shown = fetching.feed().await;
    assert_eq!(shown["url"], "https://tea.example/feed.xml?…");
    assert!(!shown.to_string().contains("SECRET"));
    fetching.rig.json("DELETE", "/v1/feeds/main", "").await;
    fetching.rig.refused(404, "DELETE", "/v1/feeds/main", "").await;
    assert_eq!(fetching.fetch().await, FetchedFeeds::default());
}
