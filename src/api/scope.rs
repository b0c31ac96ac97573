//! From who asks to which sites a list may show.

use crate::domain::actor::SiteScope;
use crate::domain::ids::SiteId;

/// The sites a list is narrowed to: `None` is every site. A site outside the caller's own gives an empty list, as
/// if it had nothing, so that its existence is not told.
pub fn visible_sites(scope: &SiteScope, wanted: Option<SiteId>) -> Option<Vec<SiteId>> {
    match (scope, wanted) {
        (SiteScope::All, None) => None,
        (SiteScope::All, Some(site)) => Some(vec![site]),
        (SiteScope::Only(own), None) => Some(own.iter().copied().collect()),
        (SiteScope::Only(own), Some(site)) => Some(own.iter().copied().filter(|mine| *mine == site).collect()),
    }
}
