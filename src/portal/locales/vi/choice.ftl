# Choosing otherwise than the hub planned.
choice-title = Chọn khác đi
choice-request = Yêu cầu
choice-sub = Chọn lô khác thay cho đề nghị đang chờ. Xem giá trước; lý do được lưu lại. Quy tắc an toàn vẫn giữ.
choice-price = Lô { $lot } sẽ thay đổi gì
choice-refused = Có quy tắc không cho phép; không thể chọn.
choice-points = Kém hơn kế hoạch: { $points } điểm.
choice-not-exact = Giá là ước tính.
choice-bottles = Chai
choice-reason = Vì sao
choice-reason-hint = Lưu vĩnh viễn; không ghi tên
choice-go = Xin lô này
choice-nothing-chosen = Chưa chọn gì
choice-lots = Các lô được chia sẻ
choice-empty-title = Chưa có gì được chia sẻ
choice-empty = Khi ngân hàng chia sẻ sữa dư, sẽ hiện ở đây.
done-choice-made = Đã đề nghị với ngân hàng kèm lý do của bạn. Đề nghị trước đã rút.
