//! Names of columns in exports of shop systems and in the languages of shops.

use super::field::Field;
use std::collections::HashMap;
use std::sync::LazyLock;

/// For each field the names of its columns, the best one first: English, then German, French, Spanish, Italian, Russian.
const NAMES: [(Field, &str); 29] = [
    (
        Field::CustomerId,
        "customer_id,customerid,customer id,user id,userid,client id,clientid,buyer id,customer number,customer no,member id,\
         kunden id,kundennummer,kunden nr,kundennr,id client,client id,numero client,id cliente,codice cliente,\
         id клиента,клиент,номер клиента,код клиента,покупатель",
    ),
    (
        Field::OrderId,
        "order_id,orderid,order number,order no,order name,invoice no,invoiceno,invoice number,invoice,transaction id,order reference,\
         order,purchase id,sale id,bestellnummer,bestell nr,auftragsnummer,rechnungsnummer,\
         numero commande,numéro de commande,id commande,commande,n° commande,\
         numero pedido,número de pedido,id pedido,pedido,numero ordine,id ordine,ordine,\
         номер заказа,id заказа,заказ,№ заказа",
    ),
    (
        Field::OrderedAt,
        "ordered_at,order date,orderdate,date ordered,ordered on,created_at,date_created,created,created on,creation date,order created at,\
         purchase date,purchased_at,purchased on,order purchase timestamp,invoice date,invoicedate,placed at,paid at,paid date,\
         transaction date,datetime,timestamp,date,created date (utc),bestelldatum,bestellt am,datum,kaufdatum,auftragsdatum,\
         date commande,date de commande,date d achat,fecha,fecha pedido,fecha de pedido,data ordine,\
         дата заказа,дата,дата создания,дата покупки,создан",
    ),
    (
        Field::Amount,
        "amount,order total,order_total,total,grand total,order total amount,total amount,total price,total paid,amount paid,order amount,\
         order value,revenue,total incl tax,total (incl tax),betrag,gesamtbetrag,gesamtsumme,gesamt,summe,bestellsumme,\
         montant,montant total,total ttc,importe,importe total,importo,totale,totale ordine,сумма,сумма заказа,итого,стоимость",
    ),
    (
        Field::Currency,
        "currency,currency code,order currency,currency_iso,währung,waehrung,devise,monnaie,moneda,valuta,валюта",
    ),
    (
        Field::Status,
        "status,order status,financial status,payment status,order state,order_status_name,bestellstatus,zahlungsstatus,\
         statut,statut commande,estado del pedido,stato ordine,статус,статус заказа",
    ),
    (
        Field::Email,
        "email,e mail,email address,e mail address,customer email,billing email,email (billing),buyer email,contact email,mail,\
         e mail adresse,email adresse,kunden e mail,adresse e mail,adresse email,courriel,correo,correo electronico,\
         correo electrónico,indirizzo email,почта,эл почта,электронная почта,емейл",
    ),
    (
        Field::Phone,
        "phone,phone number,billing phone,phone (billing),customer phone,mobile,mobile phone,mobile number,telephone,tel,telefon,\
         telefonnummer,handy,handynummer,mobilnummer,téléphone,telephone,portable,teléfono,telefono,móvil,cellulare,\
         телефон,номер телефона,мобильный",
    ),
    (
        Field::FirstName,
        "first_name,firstname,billing first name,first name (billing),customer first name,given name,vorname,prénom,prenom,nombre,nome,имя",
    ),
    (
        Field::LastName,
        "last_name,lastname,billing last name,last name (billing),customer last name,surname,family name,nachname,apellido,apellidos,\
         cognome,фамилия",
    ),
    (Field::Name, "name,full name,customer name,billing name,buyer name,kundenname,фио"),
    (Field::Language, "language,locale,customer locale,sprache,langue,idioma,lingua,язык"),
    (Field::TimeZone, "timezone,time zone"),
    (
        Field::RefundedAmount,
        "refunded_amount,amount refunded,refund amount,total refunded,refunded,refund total,order refund,erstattungsbetrag,erstattet,\
         montant remboursé,importe reembolsado,сумма возврата",
    ),
    (Field::RefundedAt, "refunded_at,refund date,refunded on,date refunded"),
    (Field::CancelledAt, "cancelled_at,canceled_at,cancelled on,cancellation date,date cancelled"),
    (Field::Subtotal, "subtotal,order subtotal,sub total,items total,zwischensumme,sous total"),
    (
        Field::Shipping,
        "shipping,shipping total,shipping cost,shipping price,shipping amount,order shipping,freight,versand,versandkosten",
    ),
    (Field::Tax, "tax,taxes,tax total,tax amount,total tax,order tax,order total tax amount,vat,mwst,tva,iva,ндс"),
    (
        Field::Discount,
        "discount,discount amount,discount total,order discount,total discount,cart discount,rabatt,remise,descuento,sconto,скидка",
    ),
    (
        Field::Coupon,
        "coupon,discount code,coupon code,coupon codes,coupons,voucher,gutschein,gutscheincode,code promo,cupón,промокод",
    ),
    (
        Field::ProductId,
        "product_id,productid,lineitem product id,item product id,artikel id,produkt id,id produit,id товара",
    ),
    (Field::VariantId, "variant_id,variantid,variation id,lineitem variant id"),
    (
        Field::Sku,
        "sku,lineitem sku,item sku,product sku,stockcode,stock code,item code,article number,artikelnummer,artikel nr,référence,\
         referencia,артикул",
    ),
    (
        Field::ProductName,
        "product_name,lineitem name,item name,product title,product,line item,item title,description,artikel,artikelname,produkt,\
         produktname,produit,nom du produit,producto,prodotto,товар,наименование,название товара",
    ),
    (Field::Category, "category,product category,product type,kategorie,catégorie,categoría,категория"),
    (Field::Brand, "brand,vendor,manufacturer,marke,hersteller,marque,marca,бренд"),
    (
        Field::Quantity,
        "quantity,qty,lineitem quantity,item quantity,quantity purchased,units,menge,anzahl,stückzahl,quantité,qté,cantidad,quantità,\
         количество,кол во",
    ),
    (
        Field::UnitPrice,
        "unit_price,unitprice,lineitem price,item price,price per unit,item cost,price,einzelpreis,stückpreis,preis,prix unitaire,prix,\
         precio unitario,precio,prezzo,цена,цена за единицу",
    ),
];

/// Fields whose columns have few names.
const FEW: [(Field, &str); 3] = [
    (Field::Variant, "variant,lineitem variant,variation,item variant"),
    (Field::LineDiscount, "line_discount,lineitem discount,item discount"),
    (Field::LineTotal, "line_total,lineitem total,item total,line amount,row total,zeilensumme,сумма строки"),
];

/// A name in lower case, without punctuation, with one space between words.
pub(crate) fn fold_name(name: &str) -> String {
    let plain: String =
        name.to_lowercase().chars().map(|c| if c.is_alphanumeric() || c == '#' { c } else { ' ' }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The field that a column's name means, and how good a name it is: the smallest number is the best.
pub(super) fn field(name: &str) -> Option<(Field, usize)> {
    static FIELDS: LazyLock<HashMap<String, (Field, usize)>> = LazyLock::new(|| {
        let mut fields = HashMap::new();
        for (field, names) in NAMES.into_iter().chain(FEW) {
            for (rank, name) in names.split(',').enumerate() {
                fields.entry(fold_name(name)).or_insert((field, rank));
            }
        }
        fields
    });
    FIELDS.get(&fold_name(name)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_recognised_in_any_style_and_several_languages() {
        for (name, expected) in [
            ("customer_id", Field::CustomerId),
            ("Customer ID", Field::CustomerId),
            ("CustomerID", Field::CustomerId),
            ("Bestellnummer", Field::OrderId),
            ("InvoiceNo", Field::OrderId),
            ("Дата заказа", Field::OrderedAt),
            ("Order Total Amount", Field::Amount),
            ("Montant", Field::Amount),
            ("Lineitem quantity", Field::Quantity),
            ("E-Mail-Adresse", Field::Email),
            ("Währung", Field::Currency),
        ] {
            assert_eq!(field(name).map(|(field, _)| field), Some(expected), "{name}");
        }
        assert_eq!(field("Shipping Method"), None);
    }

    #[test]
    fn no_name_means_two_fields() {
        let mut seen: HashMap<String, Field> = HashMap::new();
        for (field, names) in NAMES.into_iter().chain(FEW) {
            for name in names.split(',') {
                let before = seen.insert(fold_name(name), field);
                assert!(before.is_none_or(|before| before == field), "{name}");
            }
        }
    }
}
