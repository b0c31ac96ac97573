# Words of closed lists: roles, states, reasons.

## Roles
role-hub-administrator = Hub administrator
role-bank-manager = Bank manager
role-clinician = Neonatal clinician
role-dispatcher = Courier dispatcher
role-courier = Courier
role-auditor = Auditor
role-partner = Hospital system
