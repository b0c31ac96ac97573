# Home: what is due next.

worklist-title = Việc cần làm
worklist-urgent = { $n } việc cần làm trong một giờ.
worklist-request-milk = Yêu cầu sữa
worklist-to-board = Bảng sữa dư
worklist-show = Hiển thị
worklist-all = Tất cả
worklist-chip-offers = Cần trả lời
worklist-chip-requests = Đang chờ
worklist-chip-pack = Cần đóng gói
worklist-chip-receive = Cần nhận
worklist-chip-alarms = Cảnh báo
worklist-chip-recalls = Thu hồi
worklist-chip-expiring = Sắp hết hạn
worklist-chip-release = Cần duyệt
worklist-kind-offers = Đề nghị cần trả lời
worklist-kind-requests = Đang chờ sữa
worklist-kind-pack = Cần đóng gói
worklist-kind-receive = Cần nhận
worklist-kind-alarms = Cảnh báo
worklist-kind-recalls = Thu hồi
worklist-kind-expiring = Sắp hết hạn
worklist-kind-release = Cần duyệt
worklist-go-offers = Xem đề nghị
worklist-go-requests = Xem lý do
worklist-go-pack = Bắt đầu đóng gói
worklist-go-receive = Nhận hàng
worklist-go-alarms = Mở cảnh báo
worklist-go-recalls = Trả lời
worklist-go-expiring = Xem lô
worklist-go-release = Xem lô
worklist-go-look = Xem
worklist-go-decide = Xem bằng chứng
worklist-band-now = Bây giờ
worklist-band-today = Hôm nay
worklist-band-week = 7 ngày tới
worklist-band-later = Sau đó
worklist-band-now-until = trong một giờ
worklist-band-today-until = trước nửa đêm
worklist-band-week-until = trước { $day }
worklist-band-later-until = khi có thời gian
worklist-offer = Gửi { $ml } mL đến { $site }
worklist-offer-meta = { $bottles }. Cần trước { $when }.
worklist-answer-by = Trả lời trước { $when }
worklist-request = { $ml } mL cho { $infant } chưa được hứa
worklist-request-ward = { $ml } mL cho kho của khoa chưa được hứa
worklist-request-meta = Yêu cầu { $asked } mL, đã hứa { $promised } mL.
worklist-why-not-yet = Hệ thống chưa tìm.
worklist-why-offered = Một đề nghị đang chờ ngân hàng sữa trả lời.
worklist-why-nothing = Không có sữa công bố nào đáp ứng quy tắc của yêu cầu này.
worklist-why-short = Sữa phù hợp không đủ cho tất cả.
worklist-needed-by = Cần trước { $when }
worklist-pack = Đóng gói { $n } chai cho { $site }
worklist-hand-over = Giao { $n } chai cho { $site }
worklist-collected-by = Lấy hàng lúc { $when }
worklist-receive = Nhận { $n } chai từ { $site }
worklist-on-the-way = Đang trên đường: { $n } chai từ { $site }
worklist-take-back =
    { $n ->
       *[other] Nhận lại { $n } chai không giao được cho { $site }
    }
worklist-hold-until = Thùng giữ lạnh đến { $when }
worklist-delivered-by = Đến lúc { $when }
worklist-journey-meta = { $ml } mL trong thùng.
worklist-alarm-warm = Quá ấm trên đường từ { $site }
worklist-alarm-spike = Nhiệt độ tăng vọt trên đường từ { $site }
worklist-alarm-gap = Máy ghi bị gián đoạn trên đường từ { $site }
worklist-alarm-silent = Máy ghi im lặng trên đường từ { $site }
worklist-alarm-seal = Niêm phong sai trên thùng từ { $site }
worklist-alarm-since = Từ { $when }.
worklist-alarm-peak = Cao nhất { $peak } °C.
worklist-alarm-above = { $span } trên giới hạn.
worklist-recall = Trả lời lệnh thu hồi của { $site }
worklist-recall-meta = Lý do: { $reason }
worklist-expiring = { $ml } mL của lô { $lot } sắp hết hạn
worklist-expiring-meta = { $n } chai { $ml } mL, chưa hứa.
worklist-expires-at = Hết hạn { $when }
worklist-release = Quyết định duyệt lô { $lot }
worklist-release-meta = { $ml } mL đang cách ly, hết hạn { $date }.
worklist-empty-title = Không có việc chờ
worklist-empty = Đề nghị, thùng hàng và cảnh báo sẽ hiện ở đây khi cần xử lý.
worklist-stock = Kho
worklist-stock-free = Đã duyệt, khả dụng
worklist-stock-promised = Giữ cho yêu cầu
worklist-stock-apart = Để riêng
worklist-stock-expiring = { $ml } mL hết hạn trong 7 ngày.

worklist-plan = Lập chuyến đi cho { $n } chai đã hứa đến { $site }
worklist-go-plan = Lập chuyến đi
worklist-lapses-by = Lời hứa hết hạn { $when }
worklist-cover =
    { $n ->
       *[other] ngày đủ dùng
    }
worklist-collections = Các lần lấy hàng tới
