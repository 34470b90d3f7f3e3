//! What texts mean, in every language: words, requests, and ordinary conversation.

mod examples;

use super::*;
use examples::{CONVERSATION, STOPS};

#[test]
fn each_word_is_read_in_any_case_with_any_punctuation() {
    for (text, word) in [
        ("STOP", Word::Stop),
        (" stop. ", Word::Stop),
        ("«Стоп!»", Word::Stop),
        ("opt-out", Word::Stop),
        ("отписаться", Word::Stop),
        ("td", Word::Stop),
        ("Arret", Word::Stop),
        ("stopp", Word::Stop),
        ("please stop", Word::Stop),
        ("stop it", Word::Stop),
        ("don't stop", Word::Other),
        ("Start", Word::Start),
        ("UNSTOP", Word::Start),
        ("Yes!", Word::YesOrStart),
        ("y", Word::Yes),
        ("ja", Word::Yes),
        ("Да.", Word::Yes),
        ("help?", Word::Help),
        ("Помощь", Word::Help),
        ("9", Word::Score(9)),
        (" 10!\n", Word::Score(10)),
        ("0", Word::Score(0)),
        ("07", Word::Score(7)),
        ("11", Word::Other),
        ("-5", Word::Other),
        ("9/10", Word::Other),
        ("10 %", Word::Other),
        ("9 because it was great", Word::Other),
        ("007", Word::Other),
        ("", Word::Other),
        ("🎁", Word::Other),
    ] {
        assert_eq!(Word::parse(text), word, "{text:?}");
    }
    assert_eq!(Word::parse(&"stop ".repeat(200_000)), Word::Stop);
    assert_eq!(Word::parse(&"a ".repeat(500_000)), Word::Other);
    assert_eq!(Word::parse(&format!("STOP{}", ".".repeat(1_000_000))), Word::Stop);
}

const DAY: SignedDuration = SignedDuration::from_hours(24);

fn at(day: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + DAY * i32::try_from(day).expect("small")
}

fn meaning(text: &str, confirmation: Option<i64>, survey: Option<i64>) -> Meaning {
    Meaning::parse(text, Asked { confirmation: confirmation.map(at), survey: survey.map(at) }, at(100))
}

#[test]
fn a_yes_confirms_for_thirty_days_after_the_question_and_is_a_start_or_a_reply_otherwise() {
    for (text, otherwise) in [("YES", Meaning::Start), ("ja", Meaning::Reply), ("y", Meaning::Reply)] {
        assert_eq!(meaning(text, Some(99), None), Meaning::Confirm);
        assert_eq!(meaning(text, Some(70), None), Meaning::Confirm);
        assert_eq!(meaning(text, Some(69), None), otherwise, "asked too long ago");
        assert_eq!(meaning(text, None, Some(99)), otherwise, "asked something else");
    }
}

#[test]
fn a_number_is_a_score_for_seven_days_after_the_question_and_a_reply_otherwise() {
    assert_eq!(meaning("9", None, Some(93)), Meaning::Score(9));
    assert_eq!(meaning("9", None, Some(92)), Meaning::Reply);
    assert_eq!(meaning("9", Some(99), None), Meaning::Reply);
    assert_eq!(meaning("11", None, Some(99)), Meaning::Reply);
}

#[test]
fn stop_start_and_help_mean_the_same_whatever_was_asked() {
    for (confirmation, survey) in [(None, None), (Some(99), Some(99))] {
        for (text, expected) in [
            ("Stop!", Meaning::Stop),
            ("start", Meaning::Start),
            ("help", Meaning::Help),
            ("please stop texting me", Meaning::Stop),
            ("stop by any time", Meaning::Reply),
        ] {
            assert_eq!(meaning(text, confirmation, survey), expected, "{text}");
        }
    }
}

#[test]
fn every_request_to_stop_is_honoured_in_every_language() {
    let missed: Vec<_> = STOPS.iter().filter(|text| Word::parse(text) != Word::Stop).collect();
    assert!(missed.is_empty(), "{missed:#?}");
}

#[test]
fn ordinary_conversation_closes_no_number() {
    let taken: Vec<_> = CONVERSATION.iter().filter(|text| Word::parse(text) != Word::Other).collect();
    assert!(taken.is_empty(), "{taken:#?}");
}

#[test]
fn a_first_line_says_what_the_writer_wants_whatever_follows() {
    for text in [
        "END\nAnna Meyer",
        "Cancel\n\nSent from my iPhone",
        "Stop\n--\nAnna, +1 202 555 0143, when does it end?",
        "quit\n> Harbour Records: new arrivals this week",
        "Hello,\nplease remove me from your list.\nKind regards,\nAnna",
        "HI MARTA,\nCANCELLATEMI DALLA LISTA\nANNA MEYER",
        "Hello,\nS.T.O.P",
        "cancel\nAnna Meyer, thanks",
        "S.T.O.P, thanks",
        "STOP\n\nOn Monday, 2 March 2026, Harbour Records wrote:\n> When do you come?",
        "Привет!\nСтоп\nС уважением,\nАнна",
        "No, stop.",
        "I am not interested. Stop.",
    ] {
        assert_eq!(Word::parse(text), Word::Stop, "{text:?}");
    }
}

#[test]
fn help_start_and_yes_count_as_a_whole_text_only() {
    for (text, word) in [
        ("HELP please", Word::Help),
        ("¿Ayuda?", Word::Help),
        ("Aide", Word::Help),
        ("pomoc!", Word::Help),
        ("help me find a record", Word::Other),
        ("Start please", Word::Start),
        ("start the turntable", Word::Other),
        ("Yes please", Word::YesOrStart),
        ("yes?", Word::Other),
        ("Sí", Word::Yes),
        ("oui 👍", Word::Yes),
        ("tak", Word::Yes),
        ("yes but only on Mondays", Word::Other),
    ] {
        assert_eq!(Word::parse(text), word, "{text:?}");
    }
}

fn decorated(text: &str, decorations: &[usize]) -> String {
    let mut text = text.to_owned();
    for decoration in decorations {
        text = match decoration {
            0 => text.to_uppercase(),
            1 => format!("  {text}!!! "),
            2 => format!("{text} 🛑😡"),
            3 => format!("Hello,\n{text}"),
            4 => format!("{text}\nAnna Meyer"),
            5 => format!("{text}\n\nSent from my iPhone"),
            6 => format!("{text}\n> When does the sale end? Reply STOP to opt out"),
            7 => format!("{text}\n--\nAnna, Harbour Lane 12"),
            8 => format!("{text}\u{200b}\r\n"),
            9 => format!("Please, {text}"),
            10 => format!("«{text}»"),
            11 => format!("{text}\nBest regards,\nAnna"),
            12 => text.replace(['e', 'é'], "e\u{301}"),
            _ => format!("{text}, thanks"),
        };
    }
    text
}

proptest::proptest! {
    #[test]
    fn a_request_to_stop_is_honoured_however_it_is_decorated(
        which in 0..STOPS.len(),
        decorations in proptest::collection::vec(0_usize..14, 0..4),
    ) {
        let text = decorated(STOPS[which], &decorations);
        proptest::prop_assert_eq!(Word::parse(&text), Word::Stop, "{:?}", text);
    }

    #[test]
    fn conversation_closes_no_number_however_it_is_combined(
        which in proptest::collection::vec(0..CONVERSATION.len(), 1..4),
        between in proptest::sample::select(vec![". ", "\n", "! "]),
    ) {
        let text = which.into_iter().map(|which| CONVERSATION[which]).collect::<Vec<_>>().join(between);
        proptest::prop_assert_ne!(Word::parse(&text), Word::Stop, "{:?}", text);
    }

    #[test]
    fn any_text_is_read(text in proptest::prelude::any::<String>()) {
        Word::parse(&text);
    }
}
