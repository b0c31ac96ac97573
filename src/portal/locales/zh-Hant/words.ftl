# Words of closed lists: roles, states, reasons.

## Roles
role-hub-administrator = 平台管理員
role-bank-manager = 母乳庫經理
role-clinician = 新生兒科醫護
role-dispatcher = 運輸調度員
role-courier = 速遞員
role-auditor = 稽核員
role-partner = 醫院系統
