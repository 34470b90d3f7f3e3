//! Words of politeness and greeting, which change nothing about what a text asks for.

const WORDS: &str = "please pls plz pleaase thanks thank thx ty now immediately asap hi hello hey ok okay just kindly guys sir madam \
    bitte danke jetzt sofort endlich hallo \
    svp merci maintenant bonjour \
    gracias ahora hola \
    grazie adesso subito ciao buongiorno \
    alstublieft alsjeblieft aub ajb bedankt dankjewel nu direct graag \
    obrigado obrigada agora ola favor \
    prosze dziekuje natychmiast teraz blagam \
    пожалуйста пожалуста плиз спасибо сейчас немедленно срочно здравствуйте привет прошу просто";

const SEQUENCES: [&str; 10] = [
    "thank you",
    "right now",
    "por favor",
    "per favore",
    "sil vous plait",
    "sil te plait",
    "dank je wel",
    "dank u wel",
    "добрый день",
    "good morning",
];

/// Whether a word is one of politeness.
pub(super) fn is_polite_word(word: &str) -> bool {
    WORDS.split(' ').any(|polite| polite == word)
}

/// How many of the first words are a sequence of politeness; 0 if they are none.
pub(super) fn polite_sequence_length(words: &[String]) -> usize {
    let begins = |sequence: &str| {
        let mut given = words.iter();
        sequence.split(' ').all(|word| given.next().is_some_and(|next| next == word))
    };
    let found = SEQUENCES.into_iter().find(|sequence| begins(sequence));
    found.map_or(0, |sequence| sequence.split(' ').count())
}
