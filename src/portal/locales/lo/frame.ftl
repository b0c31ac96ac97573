# What stands around every page.

frame-skip = ຂ້າມໄປເນື້ອໃນຫຼັກ
frame-home = Milkbridge, ລາຍການວຽກ
frame-training = ເວັບຝຶກອົບຮົມ: ບໍ່ມີສິ່ງໃດຢູ່ນີ້ຮອດຕູ້ແຊ່ແຂງແທ້.
frame-training-name = ການຝຶກອົບຮົມ
frame-scan = ສະແກນ ຫຼື ພິມລະຫັດ
frame-scan-camera = ສະແກນດ້ວຍກ້ອງ ຫຼື ຮູບ
frame-switch = ປ່ຽນຜູ້ໃຊ້
frame-switch-user = ປ່ຽນຜູ້ໃຊ້
frame-work-for = ເຮັດວຽກໃຫ້ { $site }
frame-all-sites = ທຸກບ່ອນ
frame-shortcuts-off = ປິດປຸ່ມລັດ
frame-shortcuts-on = ເປີດປຸ່ມລັດ
frame-sign-out = ອອກຈາກລະບົບ
frame-main-navigation = ເມນູຫຼັກ
frame-menu = ເມນູ: { $page }
frame-languages = ພາສາ
frame-theme = ແຈ້ງ ຫຼື ມືດ
frame-theme-system = ຕາມລະບົບ
frame-theme-light = ແຈ້ງ
frame-theme-dark = ມືດ

## Navigation
nav-worklist = ລາຍການວຽກ

## Said aloud when something happens
say-soon = ເຫຼືອ %minutes% ນາທີ: %what%
say-changed = ລາຍການມີການປ່ຽນແປງ.
say-offline = ບໍ່ມີການເຊື່ອມຕໍ່. ຂໍ້ມູນທີ່ເຫັນອາດເກົ່າ.

## Forms
form-to-mend = ຕ້ອງແກ້ { $n } ຈຸດ. ສິ່ງທີ່ພິມຍັງຢູ່ຄົບ.
form-request-id = ລະຫັດຄຳຮ້ອງ
form-missing = ກະລຸນາໃສ່ຂໍ້ມູນ
form-choose = ກະລຸນາເລືອກ
form-not-a-number = ກະລຸນາໃສ່ຕົວເລກ
invalid-out-of-range = ຢູ່ນອກຂອບເຂດທີ່ຮັບໄດ້
invalid-in-the-past = ຜ່ານໄປແລ້ວ. ເລືອກເວລາຕໍ່ໄປ
invalid-missing = ຕ້ອງໃສ່
invalid-empty = ຕ້ອງໃສ່
invalid-too-long = ຍາວເກີນໄປ

## Lists
pages-label = ໜ້າຂອງລາຍການ
pages-first = ກັບໄປເລີ່ມຕົ້ນ
pages-next = ຕໍ່ໄປ
nav-board = ກະດານນົມເຫຼືອ
nav-requests = ຄຳຂໍ
done-offer-accepted = ຮັບແລ້ວ. ຈອງຕຸກໄວ້ໃຫ້ຄຳຂໍນີ້.
done-offer-declined = ປະຕິເສດແລ້ວ. ລະບົບກຳລັງຊອກຫານົມອື່ນ.
done-request-sent = ສົ່ງແລ້ວ. ລະບົບກຳລັງຊອກຫານົມ.
done-request-ended = ຄຳຂໍສິ້ນສຸດແລ້ວ.
done-say-why = ບໍ່ມີຫຍັງປ່ຽນ: ບອກເຫດຜົນບໍ່ເກີນ 500 ຕົວອັກສອນ.
frame-zone = ເວລາ { $zone }
