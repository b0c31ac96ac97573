//! The label of one bottle, 50×30 or 100×50 mm: a Data Matrix with the whole identity, a linear code of the
//! donation number, and the same in letters. ISBT 128 is drawn only for a site that recorded its facility number
//! and its licence; others get the hub's own code.

use super::DocumentError;
use super::bars::{code_128, data_matrix};
use super::page::Page;
use crate::domain::isbt128::Din;

/// The sizes of labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelSize {
    /// 50×30 mm.
    Small,
    /// 100×50 mm.
    Large,
}

/// What a label says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BottleLabel {
    /// The product in words.
    pub product: String,
    /// The ISBT 128 identity, for licensed sites: donation number and product code.
    pub isbt: Option<(Din, String)>,
    /// The hub's own code of the bottle.
    pub own_code: String,
    /// The address that the own code leads to.
    pub own_address: String,
    /// The lot's number.
    pub lot_code: String,
    /// The bottle's number within its lot.
    pub division: u16,
    /// Volume, mL.
    pub volume_ml: i64,
    /// Good until, as the label's local day and time.
    pub expires: String,
    /// The same by ISBT 128, `cyyjjjhhmm`.
    pub expires_isbt: String,
    /// Storage in words.
    pub storage: String,
    /// After thawing, in words.
    pub thawed: String,
    /// The bank's name.
    pub bank: String,
}

impl BottleLabel {
    /// What the square code holds.
    #[must_use]
    pub fn square_text(&self) -> String {
        match &self.isbt {
            Some((din, product)) => {
                format!("=+03000={din}00=<{product}{:03}&>{}", self.division, self.expires_isbt)
            }
            None => self.own_address.clone(),
        }
    }

    /// What the linear code holds.
    #[must_use]
    pub fn linear_text(&self) -> String {
        match &self.isbt {
            Some((din, _)) => format!("={din}00"),
            None => self.own_code.clone(),
        }
    }

    /// The identity as people read and key it, the check character behind it.
    fn eye_readable(&self) -> String {
        match &self.isbt {
            Some((din, product)) => {
                let text = din.as_str();
                let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
                let check = din.check_character();
                format!("{} {} {} [{check}]  {product} {:03}", part(0, 5), part(5, 7), part(7, 13), self.division)
            }
            None => self.own_code.clone(),
        }
    }
}

/// Lays out a label.
///
/// # Errors
/// `Bars` when a code does not fit.
pub fn bottle_label(label: &BottleLabel, size: LabelSize) -> Result<Page, DocumentError> {
    match size {
        LabelSize::Small => small(label),
        LabelSize::Large => large(label),
    }
}

fn small(label: &BottleLabel) -> Result<Page, DocumentError> {
    let mut page = Page::new(5_000, 3_000);
    data_matrix(&mut page, (3_350, 950), 1_500, &label.square_text())?;
    code_128(&mut page, (0, 100), (5_000, 550), &label.linear_text())?;
    page.text(150, 880, 200, true, label.eye_readable());
    page.text(150, 1_200, 220, true, &label.product);
    page.text(150, 1_480, 190, false, format!("{} mL · no. {} of {}", label.volume_ml, label.division, label.lot_code));
    page.text(150, 1_760, 210, true, format!("Expires {}", label.expires));
    page.text(150, 2_030, 190, false, &label.storage);
    page.text(150, 2_290, 190, false, &label.thawed);
    page.text(150, 2_850, 180, false, &label.bank);
    Ok(page)
}

fn large(label: &BottleLabel) -> Result<Page, DocumentError> {
    let mut page = Page::new(10_000, 5_000);
    data_matrix(&mut page, (7_500, 1_500), 2_200, &label.square_text())?;
    code_128(&mut page, (0, 200), (7_500, 900), &label.linear_text())?;
    page.text(400, 1_450, 300, true, label.eye_readable());
    page.text(400, 2_000, 400, true, &label.product);
    page.text(400, 2_500, 320, false, format!("{} mL · no. {} of {}", label.volume_ml, label.division, label.lot_code));
    page.text(400, 3_050, 380, true, format!("Expires {}", label.expires));
    page.text(400, 3_550, 320, false, &label.storage);
    page.text(400, 4_000, 320, false, &label.thawed);
    page.text(400, 4_700, 300, false, &label.bank);
    Ok(page)
}
