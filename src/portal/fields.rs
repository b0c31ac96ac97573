//! The parts of forms: a field with its label, hint, unit and rule, a group of choices, the summary of what is wrong.

use super::form::Faults;
use super::parts::{Safe, icon};
use super::texts::Texts;
use askama::Template;
use askama::filters::HtmlSafe;

impl HtmlSafe for Field {}
impl HtmlSafe for Choices {}
impl HtmlSafe for ErrorSummary {}

/// A rule beside a field: kept, broken, or worth knowing.
#[derive(Debug, Clone)]
pub struct Rule {
    /// `ok`, `warn`, `bad` or `info`.
    pub tone: &'static str,
    /// What it says.
    pub text: String,
}

impl Rule {
    /// The icon of its tone.
    #[must_use]
    pub fn drawn(&self) -> Safe {
        icon(match self.tone {
            "ok" => "check",
            "warn" => "alert",
            "bad" => "stop",
            _ => "info",
        })
    }
}

/// A field of one line: label, hint, unit, what was typed, what is wrong.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/field.html")]
pub struct Field {
    /// Name, and identifier in the page.
    pub name: String,
    /// Label.
    pub label: String,
    /// What was typed.
    pub value: String,
    /// A hint under the label.
    pub hint: Option<String>,
    /// The unit behind the field.
    pub unit: Option<String>,
    /// The rule or the fault under the field.
    pub rule: Option<Rule>,
    /// `text`, `email`, `password`, `date`, `datetime-local`, `search`.
    pub kind: &'static str,
    /// The keyboard of a touch screen: `text`, `numeric`, `decimal`.
    pub keyboard: &'static str,
    /// What a browser may fill in.
    pub fill: &'static str,
    /// True where a value is needed.
    pub needed: bool,
    /// Options; a list instead of a line if there are any.
    pub options: Vec<Choice>,
    /// Lines; a box for text instead of a line if more than one.
    pub lines: u8,
}

impl Field {
    /// A line for text with what was typed and what is wrong with it.
    #[must_use]
    pub fn new(name: &str, label: String, value: String, fault: Option<String>) -> Self {
        Self {
            name: name.to_owned(),
            label,
            value,
            hint: None,
            unit: None,
            rule: fault.map(|text| Rule { tone: "bad", text }),
            kind: "text",
            keyboard: "text",
            fill: "off",
            needed: false,
            options: Vec::new(),
            lines: 1,
        }
    }

    /// With a hint under the label.
    #[must_use]
    pub fn hint(mut self, hint: String) -> Self {
        self.hint = Some(hint);
        self
    }

    /// A number with its unit; `keyboard` is `numeric` or `decimal`.
    #[must_use]
    pub fn number(mut self, unit: String, keyboard: &'static str) -> Self {
        (self.unit, self.keyboard) = (Some(unit), keyboard);
        self
    }

    /// Another kind of field, with what a browser may fill in.
    #[must_use]
    pub const fn kind(mut self, kind: &'static str, fill: &'static str) -> Self {
        (self.kind, self.fill) = (kind, fill);
        self
    }

    /// A value is needed.
    #[must_use]
    pub const fn needed(mut self) -> Self {
        self.needed = true;
        self
    }

    /// A rule beside it, unless there is a fault.
    #[must_use]
    pub fn rule(mut self, tone: &'static str, text: String) -> Self {
        self.rule = self.rule.or(Some(Rule { tone, text }));
        self
    }

    /// A list to choose from: value and word. What was chosen stays chosen.
    #[must_use]
    pub fn choose(mut self, options: Vec<(String, String)>) -> Self {
        let chosen = &self.value;
        self.options = options
            .into_iter()
            .map(|(value, label)| Choice { chosen: value == *chosen, value, label, note: None })
            .collect();
        self
    }

    /// A box of so many lines.
    #[must_use]
    pub const fn lines(mut self, lines: u8) -> Self {
        self.lines = lines;
        self
    }

    /// True when something is wrong.
    #[must_use]
    pub fn is_bad(&self) -> bool {
        self.rule.as_ref().is_some_and(|rule| rule.tone == "bad")
    }
}

/// One of several to choose from.
#[derive(Debug, Clone)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is read.
    pub label: String,
    /// A second line.
    pub note: Option<String>,
    /// True when it is chosen.
    pub chosen: bool,
}

/// A group of radio cards or boxes.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/choices.html")]
pub struct Choices {
    /// Name of the field.
    pub name: String,
    /// What the group asks.
    pub legend: String,
    /// True where the legend is only heard.
    pub quiet: bool,
    /// A hint.
    pub hint: Option<String>,
    /// `radio` or `checkbox`.
    pub kind: &'static str,
    /// The cards.
    pub options: Vec<Choice>,
    /// What is wrong.
    pub fault: Option<String>,
}

impl Choices {
    /// The icon of a fault.
    #[must_use]
    pub fn stop(&self) -> Safe {
        icon("stop")
    }
}

/// What is wrong with a form, on top of it: it takes the focus and says what was not done.
#[derive(Debug, Clone, Template)]
#[template(path = "parts/errors.html")]
pub struct ErrorSummary {
    /// What was not done.
    pub heading: String,
    /// What to do.
    pub note: String,
    /// Field and fault; an empty field is a fault of the whole.
    pub items: Vec<(String, String)>,
    /// `Request id`.
    pub id_label: String,
    /// The request's id.
    pub request_id: String,
}

impl ErrorSummary {
    /// The summary of a form's faults; nothing when there are none.
    #[must_use]
    pub fn of(texts: &Texts, heading: String, faults: &Faults, request_id: &str) -> Option<Self> {
        (!faults.is_empty()).then(|| Self {
            heading,
            note: texts.one("form-to-mend", "n", faults.all().len()),
            items: faults.all().to_vec(),
            id_label: texts.get("form-request-id"),
            request_id: request_id.to_owned(),
        })
    }

    /// The icon of the heading.
    #[must_use]
    pub fn stop(&self) -> Safe {
        icon("stop")
    }
}
