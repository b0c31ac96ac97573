//! One window of a real browser: where it is, what it shows, and what the accessibility checker finds on it.

use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use std::path::PathBuf;

/// What the window looks like and what it can do.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// CSS pixels.
    pub width: u32,
    /// CSS pixels.
    pub height: u32,
    /// Asks for dark pages.
    pub dark: bool,
    /// Runs scripts.
    pub script: bool,
}

impl Look {
    /// A desk.
    pub const DESK: Self = Self { width: 1280, height: 900, dark: false, script: true };
    /// The narrowest phone.
    pub const PHONE: Self = Self { width: 320, height: 700, dark: false, script: true };

    /// A driver's phone.
    pub const DRIVER: Self = Self { width: 375, height: 812, dark: false, script: true };

    /// The same in the dark.
    pub const fn dark(self) -> Self {
        Self { dark: true, ..self }
    }

    /// The same without script.
    pub const fn without_script(self) -> Self {
        Self { script: false, ..self }
    }
}

/// A call of the developer tools' protocol, which sets what WebDriver itself cannot.
#[derive(Debug)]
struct DevTools {
    method: &'static str,
    params: Value,
}

impl WebDriverCompatibleCommand for DevTools {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        let body = json!({ "cmd": self.method, "params": self.params });
        (http::Method::POST, Some(body.to_string()))
    }
}

/// The driver that `tests/run` started; `None` when there is none and none is required.
#[expect(clippy::disallowed_methods, reason = "tests are told by the environment which servers they may use")]
pub fn driver_url() -> Option<String> {
    match std::env::var("TEST_WEBDRIVER_URL") {
        Ok(url) => Some(url),
        Err(_) if std::env::var_os("MILKBRIDGE_TEST_REQUIRE").is_some() => panic!("TEST_WEBDRIVER_URL is not set"),
        Err(_) => {
            eprintln!("left out: TEST_WEBDRIVER_URL is not set; tests/run starts a browser");
            None
        }
    }
}

/// A window of a browser of its own.
pub struct Browser {
    client: Client,
    base: String,
}

impl Browser {
    /// Opens a window on a hub.
    pub async fn open(driver: &str, base: &str, look: Look) -> Self {
        let arguments = ["--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"];
        let mut arguments: Vec<String> = arguments.map(str::to_owned).to_vec();
        arguments.push(format!("--window-size={},{}", look.width, look.height));
        let mut capabilities = serde_json::Map::new();
        capabilities.insert("goog:chromeOptions".to_owned(), json!({ "args": arguments }));
        // The driver listens on this machine: no TLS.
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(driver)
            .await
            .expect("the browser starts");
        let browser = Self { client, base: base.to_owned() };
        browser.show_as(look).await;
        browser
    }

    /// Changes the size, the theme and whether scripts run.
    pub async fn show_as(&self, look: Look) {
        let size = json!({ "width": look.width, "height": look.height, "deviceScaleFactor": 1, "mobile": false });
        self.tools("Emulation.setDeviceMetricsOverride", size).await;
        let scheme = if look.dark { "dark" } else { "light" };
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.tools("Emulation.setEmulatedMedia", media).await;
        self.tools("Emulation.setScriptExecutionDisabled", json!({ "value": !look.script })).await;
    }

    async fn tools(&self, method: &'static str, params: Value) -> Value {
        self.client.issue_cmd(DevTools { method, params }).await.expect(method)
    }

    /// Goes to a path of the hub.
    pub async fn visit(&self, path: &str) {
        self.client.goto(&format!("{}{path}", self.base)).await.expect(path);
    }

    /// The path where the window is.
    pub async fn path(&self) -> String {
        self.client.current_url().await.unwrap().path().to_owned()
    }

    /// The title of the page.
    pub async fn title(&self) -> String {
        self.client.title().await.unwrap()
    }

    /// Everything that one reads on the page.
    pub async fn text(&self) -> String {
        self.client.find(Locator::Css("body")).await.unwrap().text().await.unwrap()
    }

    /// Waits for what a page must show, and gives its text.
    pub async fn shows(&self, css: &str) -> String {
        loop {
            let found = self.client.wait().for_element(Locator::Css(css)).await;
            match found.unwrap_or_else(|error| panic!("{css} on the page: {error}")).text().await {
                Ok(text) => return text,
                // The page went while we were looking; the next one must show it.
                Err(error) if error.is_stale_element_reference() => {}
                Err(error) => panic!("{css} on the page: {error}"),
            }
        }
    }

    /// Is there such a thing on the page now?
    pub async fn has(&self, css: &str) -> bool {
        !self.client.find_all(Locator::Css(css)).await.unwrap().is_empty()
    }

    /// Presses what the selector finds first. What lies under something that stays in its place, such as the button of
    /// the next step, is scrolled away from it, as a hand would.
    pub async fn press(&self, css: &str) {
        let found = self.client.wait().for_element(Locator::Css(css)).await;
        let found = found.unwrap_or_else(|error| panic!("{css} to press: {error}"));
        match found.click().await {
            Err(error) if error.to_string().contains("intercepted") => {
                let script = "document.querySelector(arguments[0]).scrollIntoView({ block: 'center' })";
                self.client.execute(script, vec![json!(css)]).await.expect(css);
                found.click().await.expect(css);
            }
            other => other.expect(css),
        }
    }

    /// Types into a field, in place of what was there.
    pub async fn fill(&self, css: &str, text: &str) {
        let field = self.client.wait().for_element(Locator::Css(css)).await;
        let field = field.unwrap_or_else(|error| panic!("{css} to fill: {error}"));
        field.clear().await.expect(css);
        field.send_keys(text).await.expect(css);
    }

    /// Sends keys to whatever has the focus.
    pub async fn keys(&self, keys: &str) {
        self.client.active_element().await.unwrap().send_keys(keys).await.unwrap();
    }

    /// Drags one thing onto another, as the browser reports it to a page.
    pub async fn drag(&self, from: &str, onto: &str, text: &str) {
        self.tools("Input.setInterceptDrags", json!({ "enabled": true })).await;
        let (x, y) = self.middle(from).await;
        let mouse = |kind: &str, x: f64, y: f64, buttons: u8| json!({ "type": kind, "x": x, "y": y, "button": "left", "buttons": buttons, "clickCount": 1 });
        self.tools("Input.dispatchMouseEvent", mouse("mousePressed", x, y, 1)).await;
        for step in [4.0, 9.0, 15.0] {
            self.tools("Input.dispatchMouseEvent", mouse("mouseMoved", x + step, y + step, 1)).await;
        }
        let (x, y) = self.middle(onto).await;
        let data = json!({ "items": [{ "mimeType": "text/plain", "data": text }], "dragOperationsMask": 1 });
        for kind in ["dragEnter", "dragOver", "drop"] {
            let event = json!({ "type": kind, "x": x, "y": y, "data": data });
            self.tools("Input.dispatchDragEvent", event).await;
        }
        self.tools("Input.dispatchMouseEvent", mouse("mouseReleased", x, y, 0)).await;
        self.tools("Input.setInterceptDrags", json!({ "enabled": false })).await;
    }

    /// Draws a line on something with the mouse held down, between points in parts of its size.
    pub async fn draw(&self, css: &str, points: &[(f64, f64)]) {
        self.middle(css).await;
        let script = "const r = document.querySelector(arguments[0]).getBoundingClientRect(); return [r.left, r.top, r.width, r.height]";
        let found = self.client.execute(script, vec![json!(css)]).await.expect(css);
        let at = |index: usize| found[index].as_f64().unwrap();
        let last = points.len() - 1;
        for (index, (x, y)) in points.iter().enumerate() {
            let (x, y) = (at(0) + x * at(2), at(1) + y * at(3));
            let mut event = json!({ "type": "mouseMoved", "x": x, "y": y, "button": "left", "buttons": 1 });
            if index == 0 || index == last {
                event["type"] = json!(if index == 0 { "mousePressed" } else { "mouseReleased" });
                event["clickCount"] = json!(1);
            }
            self.tools("Input.dispatchMouseEvent", event).await;
        }
    }

    /// The middle of a thing in the window; it is scrolled there when it lies outside.
    async fn middle(&self, css: &str) -> (f64, f64) {
        let script = "const e = document.querySelector(arguments[0]);
            const r = () => e.getBoundingClientRect();
            if (r().top < 0 || r().bottom > innerHeight) e.scrollIntoView({ block: 'center' });
            return [r().left + r().width / 2, r().top + r().height / 2]";
        self.shows(css).await;
        let found = self.client.execute(script, vec![json!(css)]).await.expect(css);
        (found[0].as_f64().unwrap(), found[1].as_f64().unwrap())
    }

    /// Tells the browser that it has no network, or has one again.
    pub async fn offline(&self, offline: bool) {
        let conditions = json!({ "offline": offline, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        self.tools("Network.enable", json!({})).await;
        self.tools("Network.emulateNetworkConditions", conditions).await;
    }

    /// Slows the network and the machine down: kbit/s, milliseconds of latency, how many times slower.
    pub async fn slow_down(&self, (kbit_s, latency_ms, times): (f64, f64, f64)) {
        let bytes_s = kbit_s * 1000.0 / 8.0;
        let conditions = json!({
            "offline": false, "latency": latency_ms, "downloadThroughput": bytes_s, "uploadThroughput": bytes_s / 2.0,
        });
        self.tools("Network.enable", json!({})).await;
        self.tools("Network.clearBrowserCache", json!({})).await;
        self.tools("Network.emulateNetworkConditions", conditions).await;
        self.tools("Emulation.setCPUThrottlingRate", json!({ "rate": times })).await;
    }

    /// Loads the page again.
    pub async fn reload(&self) {
        self.client.refresh().await.expect("the page comes back");
    }

    /// Runs a script of the test in the page.
    pub async fn eval(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    /// How many CSS pixels the page is wider than its window.
    pub async fn sideways(&self) -> i64 {
        let script = "return document.scrollingElement.scrollWidth - document.documentElement.clientWidth";
        self.eval(script).await.as_i64().unwrap()
    }

    /// What the checker finds wrong, as one line for each place; WCAG 2.0 to 2.2 A and AA and best practice.
    pub async fn barriers(&self) -> Vec<String> {
        let axe = std::fs::read_to_string(std::env::var_os("TEST_AXE").expect("TEST_AXE")).expect("axe-core");
        self.eval(&format!("{axe}; return true")).await;
        let script = "const done = arguments[arguments.length - 1];
            axe.run(document, { resultTypes: ['violations'] }).then(r => done(r.violations.flatMap(v =>
                v.nodes.map(n => `${v.id}: ${n.target.join(' ')}: ${n.failureSummary}`))), e => done([String(e)]))";
        let found = self.client.execute_async(script, Vec::new()).await.unwrap();
        found.as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned()).collect()
    }

    /// Keeps a picture of the whole page where `MILKBRIDGE_SCREENSHOTS` names a folder.
    pub async fn picture(&self, name: &str) {
        use base64::Engine as _;
        let Some(folder) = std::env::var_os("MILKBRIDGE_SCREENSHOTS") else { return };
        let shot = self.tools("Page.captureScreenshot", json!({ "captureBeyondViewport": true })).await;
        let image = base64::engine::general_purpose::STANDARD.decode(shot["data"].as_str().unwrap()).unwrap();
        std::fs::write(PathBuf::from(folder).join(format!("{name}.png")), image).unwrap();
    }

    /// Keeps a small picture of the page, down to this height, where `MILKBRIDGE_PICTURES` names a folder: it is for
    /// those who read about the portal.
    pub async fn small_picture(&self, name: &str, most_height: u32) {
        use base64::Engine as _;
        let Some(folder) = std::env::var_os("MILKBRIDGE_PICTURES") else { return };
        let size = "const e = document.documentElement; return [e.clientWidth, Math.max(e.scrollHeight, innerHeight)]";
        let size = self.eval(size).await;
        let height = size[1].as_u64().unwrap().min(u64::from(most_height));
        let clip = json!({ "x": 0, "y": 0, "width": size[0], "height": height, "scale": 1 });
        let how = json!({ "format": "webp", "quality": 45, "captureBeyondViewport": true, "clip": clip });
        let shot = self.tools("Page.captureScreenshot", how).await;
        let image = base64::engine::general_purpose::STANDARD.decode(shot["data"].as_str().unwrap()).unwrap();
        std::fs::write(PathBuf::from(folder).join(format!("{name}.webp")), image).unwrap();
    }

    /// Closes the window.
    pub async fn close(self) {
        self.client.close().await.unwrap();
    }
}
