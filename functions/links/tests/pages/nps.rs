//! `/n/{token}`.

use crate::shop::shop;
use rekindle_messaging::LinkPurpose;

#[tokio::test]
async fn the_last_answer_to_the_question_counts_and_comes_back_harmless() {
    let shop = shop("en").await;
    let path = shop.path(LinkPurpose::Nps, Some(3));
    let shown = shop.get(&path).await;
    assert!(shown.contains("value=\"3\" checked") && shown.contains("Somebody may call"));
    assert_eq!(shop.customer().await.folded.nps, None, "provisional until posted");
    let thanks = shop.post(&path, "score=3&comment=%3Cscript%3E%7B%7B7*7%7D%7D&may_call=on").await;
    assert!(thanks.contains("&lt;script&gt;{{7*7}}") && thanks.contains("A person will read"));
    shop.post(&path, "score=9").await;
    assert_eq!(shop.customer().await.folded.nps.map(|said| said.value.score), Some(9));
    // A score outside the scale is replaced by the score in the link.
    shop.post(&path, "score=11").await;
    assert_eq!(shop.customer().await.folded.nps.map(|said| said.value.score), Some(3));
}

#[tokio::test]
async fn a_promoter_is_given_the_means_to_recommend_the_shop() {
    let shop = shop("en").await;
    let path = shop.path(LinkPurpose::Nps, Some(9));
    let code = shop.code().await;
    assert!(!shop.get(&path).await.contains(&code), "not before the answer");
    let thanks = shop.post(&path, "score=9").await;
    let link = format!("https://l.example.com/r/{code}");
    assert!(thanks.contains(&format!("value=\"{}\" readonly", link.replace('/', "&#x2f;"))), "{thanks}");
    assert!(thanks.contains("href=\"mailto:?subject=I%20like%20shopping%20at%20Tea%20%26%20%3CSons%3E"), "{thanks}");
    assert!(thanks.contains("they get 10% off") && thanks.contains("a coupon for 15% off"), "{thanks}");
    for score in [0, 6, 7, 8] {
        assert!(!shop.post(&path, &format!("score={score}")).await.contains(&code));
    }
}

#[tokio::test]
async fn of_two_answers_at_once_one_holds_and_both_are_known_and_the_next_one_wins() {
    let shop = shop("en").await;
    let path = shop.path(LinkPurpose::Nps, Some(9));
    let (low, high) = tokio::join!(shop.post(&path, "score=2&comment=late"), shop.post(&path, "score=9"));
    assert!(low.contains("let you down") && high.contains("makes our day"), "each sees its own answer");
    let scores = || async {
        let facts = shop.facts().await;
        let answers = facts.iter().filter(|fact| fact.kind() == "nps");
        assert!(answers.clone().all(|fact| fact.id == shop.message().to_string()), "one survey is one message");
        answers.count()
    };
    assert_eq!(scores().await, 2);
    let held = shop.customer().await.folded.nps.map(|said| said.value.score);
    assert!(held == Some(2) || held == Some(9), "{held:?}");
    shop.post(&path, "score=7").await;
    assert_eq!(scores().await, 3);
    assert_eq!(shop.customer().await.folded.nps.map(|said| said.value.score), Some(7));
}
