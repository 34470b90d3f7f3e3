//! The states of orders, in the words of shop systems.

use std::collections::HashMap;
use std::sync::LazyLock;

/// The state of an order, as far as the engine distinguishes states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum OrderState {
    /// Not paid yet.
    Pending,
    /// Paid; shipped or not.
    Completed,
    /// Paid, and a part of the money went back.
    PartlyRefunded,
    /// Cancelled.
    Cancelled,
    /// Paid, and all of the money went back.
    Refunded,
}

impl OrderState {
    /// The words that options use.
    ///
    /// # Errors
    /// The word is none of them.
    pub fn parse(word: &str) -> Result<Self, String> {
        Ok(match word.trim().to_lowercase().as_str() {
            "paid" | "completed" => Self::Completed,
            "pending" => Self::Pending,
            "cancelled" | "canceled" => Self::Cancelled,
            "refunded" => Self::Refunded,
            _ => return Err(format!("{word:?} is none of paid, pending, cancelled, refunded")),
        })
    }
}

/// Words of shop systems and of people: English, German, French, Spanish, Italian, Portuguese, Dutch, Polish, Russian. A word that
/// means one thing in one system and another in the next, such as *closed* and *open*, is in none of the lists.
const WORDS: [(OrderState, &str); 5] = [
    (
        OrderState::Completed,
        "completed,complete,paid,processing,fulfilled,partially fulfilled,shipped,partially shipped,delivered,invoiced,approved,\
         succeeded,success,successful,captured,payment accepted,payment complete,payment received,settled,done,finished,dispatched,\
         ready for pickup,awaiting fulfillment,awaiting shipment,awaiting pickup,in transit,\
         bezahlt,abgeschlossen,versendet,verschickt,geliefert,zugestellt,in bearbeitung,erledigt,\
         payé,payée,paye,payee,terminé,terminée,terminee,expédié,expédiée,expediee,livré,livrée,livree,paiement accepté,\
         pagado,pagada,completado,completada,enviado,enviada,entregado,entregada,procesando,\
         pagato,completato,spedito,consegnato,pago,concluído,concluido,entregue,\
         betaald,voltooid,verzonden,afgerond,opłacone,zrealizowane,wysłane,dostarczone,\
         оплачен,оплачено,оплачена,оплаченный,выполнен,выполнено,завершен,завершено,завершён,доставлен,доставлено,отправлен,\
         получен,в обработке",
    ),
    (
        OrderState::Pending,
        "pending,pending payment,on hold,onhold,holded,unpaid,authorized,authorised,partially paid,payment review,awaiting payment,\
         awaiting check payment,awaiting bank wire payment,incomplete,created,new,draft,checkout draft,requires payment method,\
         requires action,requires capture,suspected fraud,fraud,processing payment,payment pending,\
         offen,ausstehend,unbezahlt,warten auf zahlung,wartend,en attente,en attente de paiement,non payé,\
         pendiente,pendiente de pago,en espera,in attesa,in attesa di pagamento,pendente,aguardando pagamento,\
         in behandeling,wacht op betaling,oczekujące,oczekuje na płatność,\
         ожидает оплаты,ожидает,не оплачен,новый,в ожидании",
    ),
    (
        OrderState::Cancelled,
        "cancelled,canceled,failed,voided,void,expired,declined,rejected,abandoned,trash,unavailable,payment error,error,\
         storniert,abgebrochen,fehlgeschlagen,abgelehnt,annulé,annulée,annule,annulee,échoué,echoue,refusé,\
         cancelado,cancelada,fallido,rechazado,annullato,annullata,fallito,geannuleerd,mislukt,anulowane,anulowano,\
         отменен,отменён,отменено,отменена,отклонен,отклонён,аннулирован",
    ),
    (
        OrderState::Refunded,
        "refunded,refund,returned,fully refunded,chargeback,charged back,\
         erstattet,rückerstattet,zurückerstattet,retourniert,remboursé,remboursée,rembourse,retourné,\
         reembolsado,reembolsada,devuelto,rimborsato,reso,terugbetaald,zwrócone,zwrot,\
         возврат,возвращен,возвращён,возвращено",
    ),
    (
        OrderState::PartlyRefunded,
        "partially refunded,partial refund,partly refunded,teilweise erstattet,teilerstattet,partiellement remboursé,\
         parcialmente reembolsado,parzialmente rimborsato,частично возвращен,частичный возврат",
    ),
];

/// The words of a shop: its own first, then those of its system, then those of all.
#[derive(Debug, Clone, Default)]
pub(crate) struct Statuses {
    own: HashMap<String, OrderState>,
}

impl Statuses {
    pub(crate) fn new<'w>(words: impl IntoIterator<Item = (&'w str, OrderState)>) -> Self {
        Self { own: words.into_iter().map(|(word, state)| (fold_word(word), state)).collect() }
    }

    /// The state of a word; paid if there is none. The error is the predicate of a sentence about the field.
    pub(crate) fn state(&self, text: &str) -> Result<OrderState, String> {
        static ALL: LazyLock<HashMap<String, OrderState>> = LazyLock::new(|| {
            let of =
                |(state, list): (OrderState, &'static str)| list.split(',').map(move |word| (fold_word(word), state));
            WORDS.into_iter().flat_map(of).collect()
        });
        let word = fold_word(text);
        if word.is_empty() {
            return Ok(OrderState::Completed);
        }
        let shown: String = text.trim().chars().take(32).collect();
        self.own.get(&word).or_else(|| ALL.get(&word)).copied().ok_or_else(|| {
            format!("is {shown:?}; use pending, completed, cancelled or refunded, or say what it means: --status \"{shown}=paid\"")
        })
    }
}

/// A word without case, hyphens, underscores and the prefix of WooCommerce.
pub(crate) fn fold_word(text: &str) -> String {
    let plain = text.trim().to_lowercase().replace(['_', '-'], " ");
    let plain = plain.strip_prefix("wc ").unwrap_or(&plain);
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_has_two_meanings() {
        let mut seen = HashMap::new();
        for (state, list) in WORDS {
            for word in list.split(',') {
                let before = seen.insert(fold_word(word), state);
                assert!(before.is_none_or(|before| before == state), "{word}");
            }
        }
    }

    #[test]
    fn words_of_many_systems_and_languages_are_states() {
        let statuses = Statuses::default();
        for (word, state) in [
            ("", OrderState::Completed),
            ("wc-completed", OrderState::Completed),
            ("Payment accepted", OrderState::Completed),
            ("Оплачен", OrderState::Completed),
            ("pending_payment", OrderState::Pending),
            ("checkout-draft", OrderState::Pending),
            ("holded", OrderState::Pending),
            ("Canceled", OrderState::Cancelled),
            ("storniert", OrderState::Cancelled),
            ("wc-refunded", OrderState::Refunded),
            ("partially_refunded", OrderState::PartlyRefunded),
        ] {
            assert_eq!(statuses.state(word), Ok(state), "{word}");
        }
    }

    #[test]
    fn a_word_with_several_meanings_is_asked_about_and_the_shop_may_say_it() {
        for word in ["closed", "open", "lost"] {
            assert!(Statuses::default().state(word).expect_err(word).contains("--status"), "{word}");
        }
        let own = Statuses::new([("Closed", OrderState::Refunded), ("paid", OrderState::Pending)]);
        assert_eq!((own.state("closed"), own.state("PAID")), (Ok(OrderState::Refunded), Ok(OrderState::Pending)));
    }
}
