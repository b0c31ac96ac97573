# Words of closed lists: roles, states, reasons.

## Roles
role-hub-administrator = 平台管理员
role-bank-manager = 母乳库经理
role-clinician = 新生儿科医护
role-dispatcher = 运输调度员
role-courier = 配送员
role-auditor = 审计员
role-partner = 医院系统
