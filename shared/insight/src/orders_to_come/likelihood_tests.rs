use super::Likelihood;
use crate::orders_to_come::{Group, Model, Parameters, Standing};

const BG: Parameters = Parameters { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 };
const MBG: Parameters = Parameters { r: 0.525, alpha: 6.183, a: 0.891, b: 1.614 };

fn group(repeats: u32, recency: f64, age: f64) -> Group {
    Group { standing: Standing { repeats, recency, age }, customers: 1 }
}

#[test]
fn single_likelihoods_are_the_published_formula() {
    for (repeats, recency, age, bg, mbg) in [
        (2, 30.43, 38.86, -9.458_606_308_1, -9.485_551_314_5),
        (0, 0.0, 38.86, -0.554_713_276_4, -0.539_837_463_5),
        (1, 1.71, 38.86, -4.469_093_275, -4.460_360_612_6),
        (29, 37.0, 38.0, -43.849_830_513_6, -44.386_838_480_9),
        (200, 38.0, 38.86, 100.495_458_228_7, 93.482_035_624),
        (0, 0.0, 0.0, 0.0, 0.0),
    ] {
        let groups = [group(repeats, recency, age)];
        for (model, parameters, expected) in [(Model::BgNbd, BG, bg), (Model::MbgNbd, MBG, mbg)] {
            let found = Likelihood::new(model, &groups).log(parameters);
            assert!((found - expected).abs() < 1e-8 * (1.0_f64).max(expected.abs()), "{model:?} {repeats}: {found}");
        }
    }
}

#[test]
fn the_derivatives_are_those_of_small_differences() {
    let mut groups = vec![group(0, 0.0, 30.0), group(1, 3.0, 20.0), group(4, 18.0, 20.0), group(9, 2.0, 39.0)];
    groups[1].customers = 5;
    for model in [Model::BgNbd, Model::MbgNbd] {
        let likelihood = Likelihood::new(model, &groups);
        let at = [-0.7, 1.6, 0.2, 0.9];
        let found = likelihood.by_logs(&at);
        for row in 0..4 {
            let step = 1e-5;
            let (mut above, mut below) = (at, at);
            above[row] += step;
            below[row] -= step;
            let (above, below) = (likelihood.by_logs(&above), likelihood.by_logs(&below));
            let slope = (above.value - below.value) / (2.0 * step);
            assert!((found.gradient[row] - slope).abs() < 1e-6, "{model:?}, slope {row}");
            for column in 0..4 {
                let curve = (above.gradient[column] - below.gradient[column]) / (2.0 * step);
                assert!((found.hessian.at(row, column) - curve).abs() < 1e-6, "{model:?}, curve {row} {column}");
            }
        }
    }
}

#[test]
fn a_group_counts_as_often_as_it_has_customers() {
    let one = [group(3, 8.0, 20.0), group(0, 0.0, 20.0)];
    let mut many = one;
    many.iter_mut().for_each(|group| group.customers = 7);
    for model in [Model::BgNbd, Model::MbgNbd] {
        let (one, many) = (Likelihood::new(model, &one).log(BG), Likelihood::new(model, &many).log(BG));
        assert!((7.0 * one - many).abs() < 1e-10);
    }
}
