# Words of closed lists: roles, states, reasons.

## Roles
role-hub-administrator = ຜູ້ບໍລິຫານລະບົບ
role-bank-manager = ຜູ້ຈັດການທະນາຄານນົມແມ່
role-clinician = ພະນັກງານແພດເດັກເກີດໃໝ່
role-dispatcher = ຜູ້ຈັດລົດຂົນສົ່ງ
role-courier = ຜູ້ຂົນສົ່ງ
role-auditor = ຜູ້ກວດສອບ
role-partner = ລະບົບໂຮງໝໍ
