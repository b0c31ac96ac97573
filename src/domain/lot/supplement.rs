//! What comes to a lot's record after its milk: cultures that take days, the run of the pasteuriser, the analysis. It is
//! added to what is on record and never written over it.

use super::record::{Composition, Culture, Pasteurisation, SafetyRecord};
use crate::domain::field::FieldError;
use serde::{Deserialize, Serialize};

/// Parts of a record that were not there when the lot was registered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Supplement {
    /// The culture before the heat.
    #[serde(default)]
    pub culture_before: Option<Culture>,
    /// Acidity, tenths of a degree Dornic.
    #[serde(default)]
    pub acidity_tenths_dornic: Option<u16>,
    /// The run of the pasteuriser.
    #[serde(default)]
    pub pasteurisation: Option<Pasteurisation>,
    /// The culture after the heat.
    #[serde(default)]
    pub culture_after: Option<Culture>,
    /// The analysis.
    #[serde(default)]
    pub composition: Option<Composition>,
}

impl Supplement {
    /// The parts that it holds, by the names they have in a record.
    #[must_use]
    pub fn parts(&self) -> Vec<&'static str> {
        let held = [
            ("culture_before", self.culture_before.is_some()),
            ("acidity_tenths_dornic", self.acidity_tenths_dornic.is_some()),
            ("pasteurisation", self.pasteurisation.is_some()),
            ("culture_after", self.culture_after.is_some()),
            ("composition", self.composition.is_some()),
        ];
        held.into_iter().filter(|(_, held)| *held).map(|(name, _)| name).collect()
    }
}

impl SafetyRecord {
    /// The record with what was added to it.
    ///
    /// # Errors
    /// The parts that are on record already, or that nothing was sent.
    pub fn with(&self, more: &Supplement) -> Result<Self, Vec<FieldError>> {
        let parts = more.parts();
        if parts.is_empty() {
            return Err(vec![FieldError::new("", "missing", "send at least one part of the record")]);
        }
        let known = Supplement {
            culture_before: self.culture_before.clone(),
            acidity_tenths_dornic: self.acidity_tenths_dornic,
            pasteurisation: self.pasteurisation.clone(),
            culture_after: self.culture_after.clone(),
            composition: self.composition.clone(),
        };
        let taken = known.parts().into_iter().filter(|part| parts.contains(part));
        let faults: Vec<FieldError> = taken
            .map(|part| FieldError::new(format!("/{part}"), "on_record", "this part is on record and stays as it is"))
            .collect();
        if !faults.is_empty() {
            return Err(faults);
        }
        let more = more.clone();
        Ok(Self {
            culture_before: known.culture_before.or(more.culture_before),
            acidity_tenths_dornic: known.acidity_tenths_dornic.or(more.acidity_tenths_dornic),
            pasteurisation: known.pasteurisation.or(more.pasteurisation),
            culture_after: known.culture_after.or(more.culture_after),
            composition: known.composition.or(more.composition),
            ..self.clone()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::samples::record;
    use super::*;

    #[test]
    fn what_is_absent_is_added_and_what_is_there_stays() {
        let whole = record();
        let waiting = SafetyRecord { culture_after: None, ..whole.clone() };
        let later = Supplement { culture_after: whole.culture_after.clone(), ..Supplement::default() };
        assert_eq!(waiting.with(&later).unwrap(), whole);
        let again = whole.with(&later).unwrap_err();
        assert_eq!((again[0].pointer.as_str(), again[0].code), ("/culture_after", "on_record"));
        assert_eq!(waiting.with(&Supplement::default()).unwrap_err()[0].code, "missing");
    }
}
