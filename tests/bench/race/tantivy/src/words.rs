//! Words as the other sides cut them: at Unicode's word boundaries (UAX #29), what has a letter, a digit or
//! is an emoji, at most 255 characters a word, longer ones in pieces. Tantivy's own tokenizers cut at
//! every sign that is no letter or digit and drop long words: other terms, other lists.

use tantivy::tokenizer::{LowerCaser, TextAnalyzer, Token, TokenStream, Tokenizer};
use unicode_properties::{GeneralCategory, UnicodeEmoji, UnicodeGeneralCategory};
use unicode_segmentation::{UWordBoundIndices, UnicodeSegmentation};

pub const NAME: &str = "words";

const MOST_CHARACTERS: usize = 255;

pub fn analyzer() -> TextAnalyzer {
    TextAnalyzer::builder(Words::default()).filter(LowerCaser).build()
}

#[derive(Clone, Default)]
struct Words {
    token: Token,
}

struct WordStream<'a> {
    segments: UWordBoundIndices<'a>,
    /// What is left of a long word, and where it begins.
    rest: (usize, &'a str),
    token: &'a mut Token,
}

impl Tokenizer for Words {
    type TokenStream<'a> = WordStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordStream<'a> {
        self.token.reset();
        WordStream { segments: text.split_word_bound_indices(), rest: (0, ""), token: &mut self.token }
    }
}

/// Digits and two signs are emoji only with a keycap behind them.
fn is_emoji(character: char) -> bool {
    character.is_emoji_char() && !matches!(character, '0'..='9' | '#' | '*')
}

/// Fractions and raised digits are numbers to Unicode, and no words.
fn is_letter_or_digit(character: char) -> bool {
    character.is_alphabetic() || character.general_category() == GeneralCategory::DecimalNumber
}

fn is_word(segment: &str) -> bool {
    segment.bytes().any(|byte| byte.is_ascii_alphanumeric())
        || !segment.is_ascii() && segment.chars().any(|character| is_letter_or_digit(character) || is_emoji(character))
}

impl TokenStream for WordStream<'_> {
    fn advance(&mut self) -> bool {
        if self.rest.1.is_empty() {
            match self.segments.find(|(_, segment)| is_word(segment)) {
                Some(word) => self.rest = word,
                None => return false,
            }
        }
        let (from, word) = self.rest;
        let size = word.char_indices().nth(MOST_CHARACTERS).map_or(word.len(), |(at, _)| at);
        self.rest = (from + size, &word[size..]);
        self.token.position = self.token.position.wrapping_add(1);
        self.token.offset_from = from;
        self.token.offset_to = from + size;
        self.token.text.clear();
        self.token.text.push_str(&word[..size]);
        true
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}
