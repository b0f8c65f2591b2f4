//! Several tests at once: who looks often enough finds something. Holm's correction keeps the chance of any false find.

/// The p-values as they count when all are looked at together (Holm 1979), in the order given. Equal to
/// `statsmodels.stats.multitest.multipletests(method="holm")`.
pub fn holm(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|one, other| values[*one].total_cmp(&values[*other]));
    let mut adjusted = values.to_vec();
    let mut highest = 0.0_f64;
    for (place, index) in order.into_iter().enumerate() {
        highest = highest.max(values[index] * (values.len() - place) as f64).min(1.0);
        adjusted[index] = highest;
    }
    adjusted
}
