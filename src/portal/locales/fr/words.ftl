# Words of closed lists: roles, states, reasons.

## Roles
role-hub-administrator = Administrateur de la plateforme
role-bank-manager = Responsable du lactarium
role-clinician = Soignant en néonatologie
role-dispatcher = Régulateur des transports
role-courier = Coursier
role-auditor = Auditeur
role-partner = Système hospitalier
