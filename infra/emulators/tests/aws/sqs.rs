//! Queues through the SDK's SQS client.

use crate::stage::{DEAD, QUEUE, Stage};
use aws_sdk_sqs::operation::send_message_batch::SendMessageBatchError;
use aws_sdk_sqs::types::{
    DeleteMessageBatchRequestEntry, MessageAttributeValue, MessageSystemAttributeName, QueueAttributeName,
    SendMessageBatchRequestEntry,
};
use std::time::{Duration, Instant};

fn entry(id: &str, body: &str) -> SendMessageBatchRequestEntry {
    SendMessageBatchRequestEntry::builder().id(id).message_body(body).build().expect("complete")
}

#[tokio::test]
async fn a_message_is_sent_received_and_deleted_with_its_checksums_and_attributes() {
    let stage = Stage::new().await;
    let url = stage.queue_url(QUEUE);
    let attribute = |kind: &str| MessageAttributeValue::builder().data_type(kind);
    let sent = stage
        .sqs
        .send_message()
        .queue_url(&url)
        .message_body("This is a test message")
        .message_attributes("shop", attribute("String").string_value("demo").build().expect("complete"))
        .message_attributes(
            "raw",
            attribute("Binary").binary_value(aws_smithy_types::Blob::new(vec![1, 2])).build().expect("complete"),
        )
        .send()
        .await
        .expect("sent");
    assert_eq!(sent.md5_of_message_body(), Some("fafb00f5732ab283681e124bf8747ed1"));
    // md5 of: 00000003 raw 00000006 Binary 02 00000002 0102, 00000004 shop 00000006 String 01 00000004 demo
    assert_eq!(sent.md5_of_message_attributes(), Some("4fb337f13ca117c1d837eaadee02b1f5"));

    let received = stage
        .sqs
        .receive_message()
        .queue_url(&url)
        .max_number_of_messages(10)
        .message_system_attribute_names(MessageSystemAttributeName::All)
        .message_attribute_names("All")
        .send()
        .await
        .expect("received");
    let [message] = received.messages() else { panic!("one message, not {}", received.messages().len()) };
    assert_eq!(message.body(), Some("This is a test message"));
    assert_eq!(message.md5_of_body(), sent.md5_of_message_body());
    assert_eq!(message.md5_of_message_attributes(), sent.md5_of_message_attributes());
    assert_eq!(message.message_id(), sent.message_id());
    let system = message.attributes().expect("attributes");
    assert_eq!(system[&MessageSystemAttributeName::ApproximateReceiveCount], "1");
    assert_eq!(system[&MessageSystemAttributeName::SentTimestamp], stage.after(0).as_millisecond().to_string());
    let attributes = message.message_attributes().expect("attributes");
    assert_eq!(attributes["shop"].string_value(), Some("demo"));
    assert_eq!(attributes["raw"].binary_value().map(AsRef::as_ref), Some(&[1_u8, 2][..]));

    let receipt = message.receipt_handle().expect("a receipt");
    stage.sqs.delete_message().queue_url(&url).receipt_handle(receipt).send().await.expect("deleted");
    assert!(stage.cloud.queues().is_empty(QUEUE).expect("a queue"));
}

#[tokio::test]
async fn invalid_entries_of_a_batch_fail_alone() {
    let stage = Stage::new().await;
    let late = SendMessageBatchRequestEntry::builder().id("late").message_body("x").delay_seconds(901);
    let sent = stage
        .sqs
        .send_message_batch()
        .queue_url(stage.queue_url(QUEUE))
        .entries(entry("good", "a"))
        .entries(entry("control", "a\u{1}b"))
        .entries(entry("empty", ""))
        .entries(late.build().expect("complete"))
        .entries(entry("also-good", "b"))
        .send()
        .await
        .expect("answered");
    let good: Vec<_> = sent.successful().iter().map(|entry| entry.id()).collect();
    let bad: Vec<_> = sent.failed().iter().map(|entry| (entry.id(), entry.code(), entry.sender_fault())).collect();
    assert_eq!(good, ["good", "also-good"]);
    assert_eq!(
        bad,
        [
            ("control", "InvalidMessageContents", true),
            ("empty", "MissingParameter", true),
            ("late", "InvalidParameterValue", true)
        ]
    );
    assert_eq!(stage.cloud.queues().depth(QUEUE).expect("a depth").visible, 2);
}

#[tokio::test]
async fn a_batch_with_a_fault_of_its_own_is_refused_whole_with_the_typed_error() {
    let stage = Stage::new().await;
    let send = |url: String, entries: Vec<SendMessageBatchRequestEntry>| {
        let call = stage.sqs.send_message_batch().queue_url(url).set_entries(Some(entries));
        async move { call.send().await.expect_err("refused").into_service_error() }
    };
    let url = || stage.queue_url(QUEUE);
    let refused = send(url(), vec![entry("a", "x"), entry("a", "y")]).await;
    assert!(matches!(refused, SendMessageBatchError::BatchEntryIdsNotDistinct(_)), "{refused:?}");
    let refused = send(url(), vec![]).await;
    assert!(matches!(refused, SendMessageBatchError::EmptyBatchRequest(_)), "{refused:?}");
    let refused = send(url(), (0..11).map(|n| entry(&n.to_string(), "x")).collect()).await;
    assert!(matches!(refused, SendMessageBatchError::TooManyEntriesInBatchRequest(_)), "{refused:?}");
    let refused = send(url(), vec![entry("a b", "x")]).await;
    assert!(matches!(refused, SendMessageBatchError::InvalidBatchEntryId(_)), "{refused:?}");
    let half = "x".repeat((1 << 19) + 1);
    let refused = send(url(), vec![entry("a", &half), entry("b", &half)]).await;
    assert!(matches!(refused, SendMessageBatchError::BatchRequestTooLong(_)), "{refused:?}");
    let refused = send(stage.queue_url("nowhere"), vec![entry("a", "x")]).await;
    assert!(matches!(refused, SendMessageBatchError::QueueDoesNotExist(_)), "{refused:?}");
    assert!(stage.cloud.queues().is_empty(QUEUE).expect("a queue"));
}

#[tokio::test]
async fn deleting_in_a_batch_reports_the_invalid_receipts() {
    let stage = Stage::new().await;
    let url = stage.queue_url(QUEUE);
    stage.sqs.send_message().queue_url(&url).message_body("a").send().await.expect("sent");
    let received = stage.sqs.receive_message().queue_url(&url).send().await.expect("received");
    let receipt = received.messages()[0].receipt_handle().expect("a receipt");
    let entry = |id, receipt| {
        DeleteMessageBatchRequestEntry::builder().id(id).receipt_handle(receipt).build().expect("complete")
    };
    let deleted = stage
        .sqs
        .delete_message_batch()
        .queue_url(&url)
        .entries(entry("real", receipt))
        .entries(entry("invented", "nonsense"))
        .send()
        .await
        .expect("answered");
    assert_eq!(deleted.successful()[0].id(), "real");
    assert_eq!((deleted.failed()[0].id(), deleted.failed()[0].code()), ("invented", "ReceiptHandleIsInvalid"));
    assert!(stage.cloud.queues().is_empty(QUEUE).expect("a queue"));
    let refused = stage.sqs.delete_message().queue_url(&url).receipt_handle("nonsense").send().await;
    assert!(refused.expect_err("refused").into_service_error().is_receipt_handle_is_invalid());
}

#[tokio::test]
async fn visibility_is_changed_over_http_and_a_deleted_message_has_none() {
    let stage = Stage::new().await;
    let url = stage.queue_url(QUEUE);
    stage.sqs.send_message().queue_url(&url).message_body("a").send().await.expect("sent");
    let received = stage.sqs.receive_message().queue_url(&url).visibility_timeout(5).send().await.expect("received");
    let receipt = received.messages()[0].receipt_handle().expect("a receipt").to_owned();
    assert_eq!(stage.cloud.queues().next_visible_at(QUEUE).expect("a time"), Some(stage.after(5)));
    let change = |timeout| {
        let call = stage.sqs.change_message_visibility().queue_url(&url).receipt_handle(&receipt);
        call.visibility_timeout(timeout).send()
    };
    change(600).await.expect("changed");
    assert_eq!(stage.cloud.queues().next_visible_at(QUEUE).expect("a time"), Some(stage.after(600)));
    assert!(change(43_201).await.is_err(), "more than 12 hours");
    stage.sqs.delete_message().queue_url(&url).receipt_handle(&receipt).send().await.expect("deleted");
    assert!(change(1).await.is_err(), "a deleted message");
}

#[tokio::test]
async fn queues_are_created_found_described_and_emptied() {
    let stage = Stage::new().await;
    let create = |visibility: &str| {
        let call = stage.sqs.create_queue().queue_name("jobs");
        call.attributes(QueueAttributeName::VisibilityTimeout, visibility)
            .attributes(
                QueueAttributeName::RedrivePolicy,
                format!(
                    r#"{{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:{DEAD}","maxReceiveCount":"2"}}"#
                ),
            )
            .send()
    };
    let url = create("60").await.expect("created").queue_url().expect("a url").to_owned();
    create("60").await.expect("the same again");
    let refused = create("61").await.expect_err("refused").into_service_error();
    assert!(refused.is_queue_name_exists(), "{refused:?}");
    let found = stage.sqs.get_queue_url().queue_name("jobs").send().await.expect("found");
    assert_eq!(found.queue_url(), Some(url.as_str()));
    let missing = stage.sqs.get_queue_url().queue_name("nowhere").send().await.expect_err("missing");
    assert!(missing.into_service_error().is_queue_does_not_exist());

    stage.sqs.send_message().queue_url(&url).message_body("a").send().await.expect("sent");
    let described = stage.sqs.get_queue_attributes().queue_url(&url).attribute_names(QueueAttributeName::All);
    let described = described.send().await.expect("described");
    let attributes = described.attributes().expect("attributes");
    assert_eq!(attributes[&QueueAttributeName::ApproximateNumberOfMessages], "1");
    assert_eq!(attributes[&QueueAttributeName::VisibilityTimeout], "60");
    assert!(attributes[&QueueAttributeName::RedrivePolicy].contains(":send-dead\",\"maxReceiveCount\":2"));
    stage.sqs.purge_queue().queue_url(&url).send().await.expect("purged");
    assert!(stage.cloud.queues().is_empty("jobs").expect("a queue"));

    let unknown = stage.sqs.create_queue().queue_name("fifo").attributes(QueueAttributeName::FifoQueue, "true");
    let unknown = unknown.send().await.expect_err("refused").into_service_error();
    assert!(unknown.is_invalid_attribute_name(), "{unknown:?}");
}

#[tokio::test]
async fn a_waiting_receive_returns_as_soon_as_a_message_arrives() {
    let stage = Stage::new().await;
    // Without a message the call takes as long as the requested wait.
    const WAIT: Duration = Duration::from_secs(20);
    let begun = Instant::now();
    let waiting = stage.sqs.receive_message().queue_url(stage.queue_url(QUEUE)).wait_time_seconds(20).send();
    let waiting = tokio::spawn(waiting);
    tokio::time::sleep(Duration::from_millis(100)).await;
    stage.cloud.queues().send(QUEUE, &[rekindle_emulators::Outgoing::new("a")]).expect("sent");
    let received = waiting.await.expect("no panic").expect("received");
    assert_eq!(received.messages().len(), 1);
    assert!(begun.elapsed() < WAIT, "{:?}", begun.elapsed());
}

#[tokio::test]
async fn an_action_that_is_not_played_is_named() {
    let stage = Stage::new().await;
    let refused = stage.sqs.list_queues().send().await.expect_err("refused").into_service_error();
    let told = refused.meta().message().unwrap_or_default();
    assert_eq!(told, "AmazonSQS.ListQueues is no action that the local stack plays");
}
