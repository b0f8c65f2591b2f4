//! Whether an answer declines to answer: a phrase near the beginning of a short text.

/// A longer answer, in characters, helps in some way even if it begins with regret.
const LONGEST_REFUSAL: usize = 1_200;

/// How far in, in characters, a phrase may begin.
const NEAR: usize = 160;

/// How an inability is told in English, when one of [`WORK`] follows.
const UNABLE: &[&str] = &[
    "i can't",
    "i cannot",
    "i can not",
    "i won't",
    "i will not",
    "i'm unable to",
    "i am unable to",
    "i'm not able to",
    "i am not able to",
    "i'm not going to",
    "we can't",
    "we cannot",
    "i couldn't",
    "i must decline to",
    "i have to decline to",
    "i can't and won't",
    "i'm not comfortable",
    "i don't feel comfortable",
];

/// What is declined.
const WORK: &[&str] = &[
    "help",
    "assist",
    "provide",
    "comply",
    "answer",
    "discuss",
    "fulfill",
    "fulfil",
    "do that",
    "create",
    "write",
    "share",
    "generate",
    "support",
    "engage",
    "continue with",
    "give",
    "offer",
    "respond",
    "advise",
    "facilitate",
    "participate",
    "produce",
    "helping",
    "providing",
    "writing",
    "sharing",
    "discussing",
    "complete this",
    "process this",
];

/// Whole phrases, by language.
const PHRASES: &[(&str, &[&str])] = &[
    (
        "en",
        &[
            "against my guidelines",
            "i must decline",
            "i have to decline",
            "i respectfully decline",
            "not something i can help",
            "i'm sorry, but i can't",
            "i'm sorry, but i cannot",
            "i apologize, but i can't",
            "i apologize, but i cannot",
            "sorry, i can't",
            "sorry, i cannot",
            "sorry, but i can't",
            "this request violates",
            "unable to assist with",
            "unable to help with",
            "cannot fulfill this request",
            "can't fulfill this request",
        ],
    ),
    (
        "de",
        &[
            "dabei kann ich nicht helfen",
            "kann ich dir nicht helfen",
            "kann ich ihnen nicht helfen",
            "kann ich leider nicht",
            "ich kann diese anfrage nicht",
            "kann ich nicht weiterhelfen",
            "ich kann dabei nicht",
            "diese anfrage ablehnen",
        ],
    ),
    (
        "fr",
        &[
            "je ne peux pas vous aider",
            "je ne peux pas t'aider",
            "je ne peux pas répondre",
            "je ne suis pas en mesure",
            "je ne peux pas fournir",
            "je ne peux pas aider",
            "je refuse de",
        ],
    ),
    (
        "es",
        &[
            "no puedo ayudar",
            "no puedo proporcionar",
            "no puedo cumplir",
            "no puedo responder",
            "lo siento, pero no puedo",
        ],
    ),
    ("it", &["non posso aiutar", "non posso fornire", "non posso rispondere", "mi dispiace, ma non posso"]),
    (
        "pt",
        &[
            "não posso ajudar",
            "não posso fornecer",
            "não posso responder",
            "não consigo ajudar",
            "desculpe, mas não posso",
        ],
    ),
    (
        "nl",
        &["daar kan ik niet bij helpen", "ik kan je daar niet mee helpen", "ik kan niet helpen", "ik kan hier niet"],
    ),
    ("pl", &["nie mogę pomóc", "nie mogę w tym pomóc", "nie mogę udzielić", "nie mogę spełnić"]),
    (
        "ru",
        &[
            "я не могу помочь",
            "не могу помочь с",
            "я не могу предоставить",
            "я не могу выполнить",
            "не могу ответить на",
        ],
    ),
    ("zh", &["我无法", "我不能", "无法提供", "无法协助", "无法回答", "抱歉，我不能", "抱歉，我无法", "我無法"]),
    ("ja", &["お手伝いできません", "お答えできません", "提供できません", "対応できません", "お応えできません"]),
    ("ko", &["도와드릴 수 없", "도움을 드릴 수 없", "제공할 수 없", "답변할 수 없", "답변드릴 수 없"]),
    ("ar", &["لا أستطيع مساعدت", "لا يمكنني مساعدت", "لا أستطيع تقديم", "لا يمكنني تقديم", "لا يمكنني المساعدة"]),
    ("hi", &["मैं मदद नहीं कर सकता", "मैं इसमें मदद नहीं", "मैं आपकी मदद नहीं", "मैं यह नहीं कर सकता"]),
    ("tr", &["yardımcı olamam", "yardımcı olamıyorum", "bu isteği yerine getiremem"]),
];

/// Whether a text is a refusal: short, and near its beginning one of the known phrases. Blank text is none.
pub fn is_refusal(text: &str) -> bool {
    let text = text.trim();
    if text.chars().nth(LONGEST_REFUSAL).is_some() {
        return false;
    }
    let lower = text.to_lowercase().replace(['’', '‘'], "'");
    let blanks = lower.split_whitespace().collect::<Vec<_>>().join(" ");
    let begins = |phrase: &str| blanks.find(phrase).filter(|place| blanks[..*place].chars().count() <= NEAR);
    let declined = |phrase: &&str| begins(phrase).is_some_and(|place| works(&blanks[place + phrase.len()..]));
    let whole = |phrases: &[&str]| phrases.iter().any(|phrase| begins(phrase).is_some());
    UNABLE.iter().any(declined) || PHRASES.iter().any(|(_, phrases)| whole(phrases))
}

/// Whether the next words name what is declined. `I can't help but admire` declines nothing.
fn works(rest: &str) -> bool {
    let rest = ["actually ", "directly ", "really ", "in good conscience ", "currently ", "be able to ", "with "]
        .iter()
        .fold(rest.trim_start(), |rest, filler| rest.strip_prefix(filler).unwrap_or(rest));
    WORK.iter().any(|work| rest.starts_with(work)) && !rest.starts_with("help but")
}
