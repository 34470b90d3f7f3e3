use crate::{cdnow, expected};
use jiff::civil::date;
use rekindle_insight::Day;
use rekindle_insight::orders_to_come::*;

#[test]
fn explore() {
    let end = Day::from_date(date(1997, 9, 30));
    for (customers, exp) in [(cdnow::sample(), expected::sample()["cdnow_sample"]["btyd"].clone()), (cdnow::master().unwrap(), expected::master().unwrap()["cdnow_master"]["btyd"].clone())] {
        let asofs: Vec<_> = customers.iter().filter_map(|c| c.buyer.as_of(end)).collect();
        let st: Vec<_> = asofs.iter().map(|a| Standing::from_days(a.repeats() as u32, a.recency, a.age)).collect();
        let s = std::time::Instant::now();
        let g = collapse(st);
        println!("{} groups collapse {:?}", g.len(), s.elapsed());
        for m in [Model::BgNbd, Model::MbgNbd] {
            let s = std::time::Instant::now();
            let f = Fit::new(m, &g).unwrap();
            println!("{:?} {:?} {} steps {:?} se {:?}", s.elapsed(), f.parameters, f.steps, f.log_likelihood, f.standard_errors());
            let e: f64 = g.iter().map(|g| g.customers as f64 * m.expected_orders(f.parameters, &g.standing, 273.0)).sum();
            println!("  E {e}");
            let s = std::time::Instant::now();
            let e: f64 = g.iter().map(|g| g.customers as f64 * m.discounted_orders(f.parameters, &g.standing, 12, 0.1)).sum();
            println!("  CLV {e} {:?}", s.elapsed());
        }
        println!("{} {}", exp["bgnbd"], exp["mbgnbd"]);
        for variant in 0..2 {
            let v: Vec<_> = asofs.iter().filter(|a| a.repeats() > 0).map(|a| {
                let rest = &a.occasions[1..];
                let sum: i64 = rest.iter().map(|o| o.value).sum();
                let n = rest.iter().filter(|o| o.value > 0).count();
                let (x, m) = if variant == 0 { (a.repeats() as u32, sum as f64 / rest.len() as f64) } else { (n as u32, sum as f64 / n as f64) };
                ValueGroup { repeats: x, mean: m / 100.0, customers: 1 }
            }).collect();
            let s = std::time::Instant::now();
            let f = ValueFit::new(&v).unwrap();
            println!("GG {variant} {:?} {:?} {} {}", s.elapsed(), f.parameters, f.log_likelihood, f.customers);
        }
        println!("{}", exp["gamma_gamma"]);
    }
}
