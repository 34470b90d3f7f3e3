//! What texts mean, in every language: words, requests, and ordinary conversation.

use super::*;

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

/// Texts that ask for no more texts, in each language. None is a part of another.
const STOPS: &[&str] = &[
    "stop",
    "STOPALL",
    "Stop all",
    "unsubscribe",
    "cancel",
    "END",
    "quit",
    "revoke",
    "opt out",
    "OPT-OUT",
    "optout",
    "remove me",
    "please stop texting me",
    "take me off your list",
    "stop sending me messages",
    "do not text me again",
    "don't text me anymore",
    "I don't want to receive these messages",
    "no more texts",
    "please remove my number",
    "I revoke my consent",
    "leave me alone",
    "I want to opt out",
    "unsubscribe me please",
    "stop these messages",
    "S.T.O.P",
    "I no longer wish to receive texts",
    "Please remove me from your mailing list",
    "I would like to unsubscribe",
    "I said stop",
    "do not contact me",
    "can you please stop texting me?",
    "could you take me off this list?",
    "I want you to stop",
    "stop spamming me",
    "cancel these texts",
    "стоп",
    "отписаться",
    "Больше не пишите",
    "не пишите мне больше",
    "отпишите меня",
    "удалите мой номер",
    "хватит слать смс",
    "прекратите присылать сообщения",
    "уберите меня из рассылки",
    "не присылайте больше ничего",
    "не хочу получать ваши сообщения",
    "отключите рассылку",
    "хочу отписаться от рассылки",
    "перестаньте мне писать",
    "оставьте меня в покое",
    "больше не присылайте смс",
    "stopp",
    "abmelden",
    "keine SMS mehr",
    "bitte keine Werbung mehr",
    "Hören Sie auf",
    "hoeren Sie auf mir zu schreiben",
    "schreiben Sie mir nicht mehr",
    "nehmen Sie mich von der Liste",
    "löschen Sie meine Nummer",
    "ich möchte keine Nachrichten mehr",
    "Lassen Sie mich in Ruhe",
    "ich will mich abmelden",
    "bitte melden Sie mich ab",
    "Können Sie mich bitte von der Liste streichen?",
    "Arrêt",
    "arrêtez de m'écrire",
    "désabonnement",
    "ne m'envoyez plus de SMS",
    "je ne veux plus recevoir vos messages",
    "plus de messages",
    "retirez-moi de votre liste",
    "supprimez mon numéro",
    "arrêtez ces messages",
    "je souhaite me désinscrire",
    "laissez-moi tranquille",
    "pouvez-vous me retirer de la liste ?",
    "ne me contactez plus",
    "baja",
    "alto",
    "no más mensajes",
    "dejen de escribirme",
    "no me envíen más mensajes",
    "quiero darme de baja",
    "bórrenme de la lista",
    "no quiero recibir más mensajes",
    "dejen de mandarme publicidad",
    "eliminen mi número",
    "¿pueden darme de baja?",
    "no me escriban más",
    "basta",
    "non scrivetemi più",
    "non voglio più ricevere messaggi",
    "cancellatemi dalla lista",
    "smettetela di scrivermi",
    "basta messaggi",
    "rimuovete il mio numero",
    "vorrei disiscrivermi",
    "non inviatemi altri messaggi",
    "lasciatemi in pace",
    "potete togliermi? toglietemi",
    "afmelden",
    "geen berichten meer",
    "stuur me geen sms meer",
    "haal mij van de lijst",
    "ik wil geen berichten meer",
    "verwijder mijn nummer",
    "stop met sms'en",
    "schrijf me uit",
    "laat me met rust",
    "kunt u mij uitschrijven?",
    "houd op met sturen",
    "parar",
    "sair",
    "não quero receber mais mensagens",
    "parem de enviar mensagens",
    "me tire da lista",
    "não me mandem mais nada",
    "retire meu número",
    "chega de mensagens",
    "quero sair da lista",
    "remova-me da lista",
    "não me escrevam mais",
    "wypisz",
    "rezygnuję",
    "proszę nie pisać",
    "nie piszcie do mnie więcej",
    "nie wysyłajcie więcej SMS",
    "nie chcę więcej wiadomości",
    "usuńcie mój numer",
    "wypiszcie mnie",
    "przestańcie do mnie pisać",
    "chcę się wypisać",
    "żadnych więcej wiadomości",
    "мне не нужны ваши смс",
    "ya no quiero recibir mensajes",
    "e não me mandem mais mensagens",
    "I don't want your messages",
    "stop messaging me",
    "do not send me any more texts",
    "please delete my number",
    "get me off this list",
    "I do not consent, stop contacting me",
    "would you please remove me from your list?",
    "quit texting me",
    "end these messages",
    "turn off these notifications",
    "please withdraw my consent",
    "Remove me!",
    "Stop sending me stuff",
    "lose my number",
    "stop already",
    "I already texted STOP",
    "не беспокойте меня",
    "прекратите эту рассылку",
    "отпишите этот номер, пожалуйста",
    "смс больше не присылайте",
];

/// What customers write about other things. Many of these contain a word for STOP.
const CONVERSATION: &[&str] = &[
    "when does the offer end?",
    "can I cancel my order?",
    "I want to cancel my order",
    "please cancel order 4711",
    "How do I unsubscribe?",
    "please stop sending the blue one",
    "does the bus stop near your shop?",
    "don't stop, I love these",
    "please do not unsubscribe me",
    "my code STOP-2026 does not work",
    "END50",
    "CANCEL10",
    "QUIT-20-OFF",
    "order END-4711",
    "is the sale over? what is the end date",
    "can I stop by tomorrow?",
    "one stop shop!",
    "non-stop music, great",
    "you do not text me back",
    "I did not mean to unsubscribe",
    "I don't want to stop getting these",
    "remove the mug from my order please",
    "take the blue one off my order",
    "where is my parcel",
    "thanks!",
    "ok",
    "yes, gladly",
    "9 because it was great",
    "I like your texts",
    "the record does not stop skipping",
    "could you send me more messages about jazz?",
    "why did you stop selling vinyl?",
    "will you stop the sale on Sunday?",
    "what does Reply STOP to opt out mean?",
    "I can't stop listening to it",
    "I never got the message",
    "no text came with the code",
    "is this the end of the series?",
    "Please change my number to the one I call from",
    "I quit my job and moved, new address follows",
    "do you sell stop signs?",
    "my friend wants to revoke her order",
    "when will the updates to my order arrive?",
    "no",
    "what is this",
    "Is it still valid?\n> Harbour Records: 10% off. Reply STOP to opt out.",
    "Great, thank you\nHarbour Records: 10% off https://harbour-records.example Reply STOP to opt out",
    "когда закончится акция?",
    "можно отменить заказ?",
    "отмените заказ 4711",
    "как отписаться?",
    "не отписывайте меня",
    "где мой заказ",
    "не пишите на коробке моё имя",
    "не присылайте мне курьера до шести",
    "автобус не останавливается, как доехать",
    "не хочу получать бракованный товар",
    "остановка стоп у магазина есть?",
    "сообщение не пришло",
    "спасибо, всё отлично",
    "уберите скидку из заказа",
    "удалите товар из заказа",
    "Можно вернуть?\nHarbour Records: https://harbour-records.example Отписаться: СТОП",
    "wann endet das Angebot?",
    "kann ich meine Bestellung stornieren?",
    "ich habe keine Nachricht bekommen",
    "wie kann ich mich abmelden?",
    "bitte nicht abmelden",
    "wo bleibt mein Paket",
    "gibt es keine Werbung mit Rabatt?",
    "Sie haben mir nicht geschrieben",
    "die Nadel hört nicht auf zu springen",
    "löschen Sie bitte die zweite Platte aus der Bestellung",
    "ich möchte keine rote, sondern eine blaue",
    "quand finit l'offre ?",
    "puis-je annuler ma commande ?",
    "je veux annuler ma commande",
    "comment me désabonner ?",
    "où est mon colis",
    "ne me désabonnez pas",
    "je ne veux plus de ce produit",
    "retirez le bleu de ma commande",
    "l'arrêt de bus est loin",
    "je n'ai pas reçu le message",
    "¿cuándo termina la oferta?",
    "¿puedo cancelar mi pedido?",
    "quiero cancelar mi pedido",
    "¿cómo me doy de baja?",
    "no me llegó el mensaje",
    "no me envió el pedido",
    "la parada está lejos",
    "quiero más mensajes así",
    "no quiero el azul, quiero el rojo",
    "¿hay una planta baja?",
    "quando finisce l'offerta?",
    "posso annullare l'ordine?",
    "vorrei annullare il mio ordine",
    "come mi cancello?",
    "non ho ricevuto il messaggio",
    "la fermata è lontana",
    "non voglio quello blu",
    "mi basta la ricevuta",
    "dov'è il mio pacco",
    "wanneer stopt de actie?",
    "kan ik mijn bestelling annuleren?",
    "ik wil mijn bestelling annuleren",
    "hoe kan ik me afmelden?",
    "ik heb geen bericht gehad",
    "ik wil niet langer wachten",
    "waar is mijn pakket",
    "haal de blauwe van mijn bestelling af",
    "quando acaba a promoção?",
    "posso cancelar meu pedido?",
    "quero cancelar meu pedido",
    "como faço para sair?",
    "não recebi a mensagem",
    "não quero o azul",
    "onde está meu pedido",
    "vou sair agora, volto amanhã",
    "a parada é longe",
    "kiedy kończy się promocja?",
    "czy mogę anulować zamówienie?",
    "chcę anulować zamówienie",
    "jak się wypisać?",
    "nie dostałem wiadomości",
    "nie wysyłajcie paczki w piątek",
    "gdzie jest moja paczka",
    "nie chcę niebieskiej",
    "dziękuję",
];

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
