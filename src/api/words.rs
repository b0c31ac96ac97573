//! Words of the domain as the specification lists them. They only describe; the domain's own types are read.

use utoipa::ToSchema;

/// A role.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only describes")]
#[schema(rename_all = "snake_case", as = Role)]
pub enum RoleWord {
    /// Runs the hub.
    HubAdministrator,
    /// Answers for a milk bank or a unit's stock.
    BankManager,
    /// Asks for milk and records its use.
    Clinician,
    /// Plans and watches journeys.
    Dispatcher,
    /// Carries boxes.
    Courier,
    /// Reads everything, changes nothing.
    Auditor,
    /// A hospital's own system.
    Partner,
}

/// Whether an account may sign in.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only describes")]
#[schema(rename_all = "snake_case", as = AccountState)]
pub enum AccountStateWord {
    /// It may.
    Active,
    /// It may not.
    Disabled,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::actor::Role;
    use utoipa::PartialSchema;

    #[test]
    fn the_listed_roles_are_the_domain_s() {
        let schema = serde_json::to_value(RoleWord::schema()).unwrap();
        let listed = schema.to_string();
        for role in Role::ALL {
            assert!(listed.contains(&format!("\"{}\"", role.as_str())), "{listed}");
        }
    }
}
