use super::Symmetric;

fn matrix(rows: [[f64; 3]; 3]) -> Symmetric {
    let mut matrix = Symmetric::zero(3);
    for (row, values) in rows.iter().enumerate() {
        for (column, value) in values.iter().enumerate().take(row + 1) {
            matrix.add(row, column, *value);
        }
    }
    matrix
}

#[test]
fn a_matrix_times_its_inverse_is_one() {
    let given = matrix([[4.0, 1.0, 0.5], [1.0, 3.0, -0.2], [0.5, -0.2, 2.0]]);
    let inverse = given.inverse().expect("positive definite");
    for row in 0..3 {
        for column in 0..3 {
            let product: f64 = (0..3).map(|k| given.at(row, k) * inverse.at(k, column)).sum();
            let expected = if row == column { 1.0 } else { 0.0 };
            assert!((product - expected).abs() < 1e-14, "({row}, {column}) is {product}");
        }
    }
}

#[test]
fn a_matrix_that_is_not_positive_definite_has_no_solution() {
    let saddle = matrix([[1.0, 2.0, 0.0], [2.0, 1.0, 0.0], [0.0, 0.0, 1.0]]);
    let flat = matrix([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]);
    let broken = matrix([[f64::NAN, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]);
    for given in [saddle, flat, broken, Symmetric::zero(3)] {
        assert_eq!(given.solve(&[1.0, 1.0, 1.0]), None);
        assert_eq!(given.inverse(), None);
    }
}
