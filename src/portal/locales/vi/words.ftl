# Words of closed lists: roles, states, reasons.

## Roles
role-hub-administrator = Quản trị hệ thống
role-bank-manager = Quản lý ngân hàng sữa
role-clinician = Nhân viên sơ sinh
role-dispatcher = Điều phối vận chuyển
role-courier = Người giao
role-auditor = Kiểm toán viên
role-partner = Hệ thống bệnh viện
