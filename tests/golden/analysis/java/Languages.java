import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.CharArraySet;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.ar.*;
import org.apache.lucene.analysis.bg.*;
import org.apache.lucene.analysis.bn.*;
import org.apache.lucene.analysis.br.*;
import org.apache.lucene.analysis.ca.CatalanAnalyzer;
import org.apache.lucene.analysis.cjk.CJKAnalyzer;
import org.apache.lucene.analysis.ckb.*;
import org.apache.lucene.analysis.cz.*;
import org.apache.lucene.analysis.da.DanishAnalyzer;
import org.apache.lucene.analysis.de.*;
import org.apache.lucene.analysis.el.*;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.analysis.en.EnglishMinimalStemFilter;
import org.apache.lucene.analysis.en.EnglishPossessiveFilter;
import org.apache.lucene.analysis.en.PorterStemFilter;
import org.apache.lucene.analysis.es.*;
import org.apache.lucene.analysis.et.EstonianAnalyzer;
import org.apache.lucene.analysis.eu.BasqueAnalyzer;
import org.apache.lucene.analysis.fa.*;
import org.apache.lucene.analysis.fi.*;
import org.apache.lucene.analysis.fr.*;
import org.apache.lucene.analysis.ga.IrishAnalyzer;
import org.apache.lucene.analysis.gl.*;
import org.apache.lucene.analysis.hi.*;
import org.apache.lucene.analysis.hu.*;
import org.apache.lucene.analysis.hy.ArmenianAnalyzer;
import org.apache.lucene.analysis.id.*;
import org.apache.lucene.analysis.in.IndicNormalizationFilter;
import org.apache.lucene.analysis.it.*;
import org.apache.lucene.analysis.lt.LithuanianAnalyzer;
import org.apache.lucene.analysis.lv.*;
import org.apache.lucene.analysis.miscellaneous.ScandinavianFoldingFilter;
import org.apache.lucene.analysis.miscellaneous.ScandinavianNormalizationFilter;
import org.apache.lucene.analysis.nl.DutchAnalyzer;
import org.apache.lucene.analysis.no.*;
import org.apache.lucene.analysis.pt.*;
import org.apache.lucene.analysis.ro.RomanianAnalyzer;
import org.apache.lucene.analysis.ru.*;
import org.apache.lucene.analysis.snowball.SnowballFilter;
import org.apache.lucene.analysis.sr.SerbianAnalyzer;
import org.apache.lucene.analysis.sr.SerbianNormalizationFilter;
import org.apache.lucene.analysis.sv.*;
import org.apache.lucene.analysis.th.ThaiAnalyzer;
import org.apache.lucene.analysis.tr.TurkishAnalyzer;

/** What depends on a language: analyzers, lists of stop words, stemmers, normalizations. */
final class Languages {
    static Analyzer make(String type, Settings s) {
        CharArraySet stop = Analyzers.words(s, "stopwords", stopWords("_" + type + "_"));
        CharArraySet keep = Analyzers.words(s, "stem_exclusion", CharArraySet.EMPTY_SET);
        return switch (type) {
            case "arabic" -> new ArabicAnalyzer(stop, keep);
            case "armenian" -> new ArmenianAnalyzer(stop, keep);
            case "basque" -> new BasqueAnalyzer(stop, keep);
            case "bengali" -> new BengaliAnalyzer(stop, keep);
            case "brazilian" -> new BrazilianAnalyzer(stop, keep);
            case "bulgarian" -> new BulgarianAnalyzer(stop, keep);
            case "catalan" -> new CatalanAnalyzer(stop, keep);
            case "cjk" -> new CJKAnalyzer(stop);
            case "czech" -> new CzechAnalyzer(stop, keep);
            case "danish" -> new DanishAnalyzer(stop, keep);
            case "dutch" -> new DutchAnalyzer(stop, keep);
            case "estonian" -> new EstonianAnalyzer(stop, keep);
            case "finnish" -> new FinnishAnalyzer(stop, keep);
            case "french" -> new FrenchAnalyzer(stop, keep);
            case "galician" -> new GalicianAnalyzer(stop, keep);
            case "german" -> new GermanAnalyzer(stop, keep);
            case "greek" -> new GreekAnalyzer(stop);
            case "hindi" -> new HindiAnalyzer(stop, keep);
            case "hungarian" -> new HungarianAnalyzer(stop, keep);
            case "indonesian" -> new IndonesianAnalyzer(stop, keep);
            case "irish" -> new IrishAnalyzer(stop, keep);
            case "italian" -> new ItalianAnalyzer(stop, keep);
            case "latvian" -> new LatvianAnalyzer(stop, keep);
            case "lithuanian" -> new LithuanianAnalyzer(stop, keep);
            case "norwegian" -> new NorwegianAnalyzer(stop, keep);
            case "persian" -> new PersianAnalyzer(stop);
            case "portuguese" -> new PortugueseAnalyzer(stop, keep);
            case "romanian" -> new RomanianAnalyzer(stop, keep);
            case "russian" -> new RussianAnalyzer(stop, keep);
            case "serbian" -> new SerbianAnalyzer(stop, keep);
            case "sorani" -> new SoraniAnalyzer(stop, keep);
            case "spanish" -> new SpanishAnalyzer(stop, keep);
            case "swedish" -> new SwedishAnalyzer(stop, keep);
            case "thai" -> new ThaiAnalyzer(stop);
            case "turkish" -> new TurkishAnalyzer(stop, keep);
            default -> throw new IllegalArgumentException("analyzer " + type);
        };
    }

    static CharArraySet stopWords(String name) {
        return switch (name) {
            case "_none_" -> CharArraySet.EMPTY_SET;
            case "_english_" -> EnglishAnalyzer.ENGLISH_STOP_WORDS_SET;
            case "_arabic_" -> ArabicAnalyzer.getDefaultStopSet();
            case "_armenian_" -> ArmenianAnalyzer.getDefaultStopSet();
            case "_basque_" -> BasqueAnalyzer.getDefaultStopSet();
            case "_bengali_" -> BengaliAnalyzer.getDefaultStopSet();
            case "_brazilian_" -> BrazilianAnalyzer.getDefaultStopSet();
            case "_bulgarian_" -> BulgarianAnalyzer.getDefaultStopSet();
            case "_catalan_" -> CatalanAnalyzer.getDefaultStopSet();
            case "_cjk_" -> CJKAnalyzer.getDefaultStopSet();
            case "_czech_" -> CzechAnalyzer.getDefaultStopSet();
            case "_danish_" -> DanishAnalyzer.getDefaultStopSet();
            case "_dutch_" -> DutchAnalyzer.getDefaultStopSet();
            case "_estonian_" -> EstonianAnalyzer.getDefaultStopSet();
            case "_finnish_" -> FinnishAnalyzer.getDefaultStopSet();
            case "_french_" -> FrenchAnalyzer.getDefaultStopSet();
            case "_galician_" -> GalicianAnalyzer.getDefaultStopSet();
            case "_german_" -> GermanAnalyzer.getDefaultStopSet();
            case "_greek_" -> GreekAnalyzer.getDefaultStopSet();
            case "_hindi_" -> HindiAnalyzer.getDefaultStopSet();
            case "_hungarian_" -> HungarianAnalyzer.getDefaultStopSet();
            case "_indonesian_" -> IndonesianAnalyzer.getDefaultStopSet();
            case "_irish_" -> IrishAnalyzer.getDefaultStopSet();
            case "_italian_" -> ItalianAnalyzer.getDefaultStopSet();
            case "_latvian_" -> LatvianAnalyzer.getDefaultStopSet();
            case "_lithuanian_" -> LithuanianAnalyzer.getDefaultStopSet();
            case "_norwegian_" -> NorwegianAnalyzer.getDefaultStopSet();
            case "_persian_" -> PersianAnalyzer.getDefaultStopSet();
            case "_portuguese_" -> PortugueseAnalyzer.getDefaultStopSet();
            case "_romanian_" -> RomanianAnalyzer.getDefaultStopSet();
            case "_russian_" -> RussianAnalyzer.getDefaultStopSet();
            case "_serbian_" -> SerbianAnalyzer.getDefaultStopSet();
            case "_sorani_" -> SoraniAnalyzer.getDefaultStopSet();
            case "_spanish_" -> SpanishAnalyzer.getDefaultStopSet();
            case "_swedish_" -> SwedishAnalyzer.getDefaultStopSet();
            case "_thai_" -> ThaiAnalyzer.getDefaultStopSet();
            case "_turkish_" -> TurkishAnalyzer.getDefaultStopSet();
            default -> throw new IllegalArgumentException("stop words " + name);
        };
    }

    static TokenStream stemmer(String language, TokenStream in) {
        return switch (language) {
            case "english", "porter" -> new PorterStemFilter(in);
            case "porter2" -> new SnowballFilter(in, "English");
            case "minimal_english" -> new EnglishMinimalStemFilter(in);
            case "possessive_english" -> new EnglishPossessiveFilter(in);
            case "arabic" -> new ArabicStemFilter(in);
            case "bengali" -> new BengaliStemFilter(in);
            case "brazilian" -> new BrazilianStemFilter(in);
            case "bulgarian" -> new BulgarianStemFilter(in);
            case "czech" -> new CzechStemFilter(in);
            case "galician" -> new GalicianStemFilter(in);
            case "german2" -> new SnowballFilter(in, "German2");
            case "dutch_kp", "kp" -> new SnowballFilter(in, "Kp");
            case "lovins" -> new SnowballFilter(in, "Lovins");
            case "greek" -> new GreekStemFilter(in);
            case "hindi" -> new HindiStemFilter(in);
            case "indonesian" -> new IndonesianStemFilter(in);
            case "latvian" -> new LatvianStemFilter(in);
            case "light_finnish" -> new FinnishLightStemFilter(in);
            case "light_french" -> new FrenchLightStemFilter(in);
            case "light_german" -> new GermanLightStemFilter(in);
            case "light_hungarian" -> new HungarianLightStemFilter(in);
            case "light_italian" -> new ItalianLightStemFilter(in);
            case "light_norwegian" -> new NorwegianLightStemFilter(in);
            case "light_nynorsk" -> new NorwegianLightStemFilter(in, NorwegianLightStemmer.NYNORSK);
            case "light_portuguese" -> new PortugueseLightStemFilter(in);
            case "light_russian" -> new RussianLightStemFilter(in);
            case "light_spanish" -> new SpanishLightStemFilter(in);
            case "light_swedish" -> new SwedishLightStemFilter(in);
            case "minimal_french" -> new FrenchMinimalStemFilter(in);
            case "minimal_galician" -> new GalicianMinimalStemFilter(in);
            case "minimal_german" -> new GermanMinimalStemFilter(in);
            case "minimal_norwegian" -> new NorwegianMinimalStemFilter(in);
            case "minimal_nynorsk" -> new NorwegianMinimalStemFilter(in, NorwegianLightStemmer.NYNORSK);
            case "minimal_portuguese" -> new PortugueseMinimalStemFilter(in);
            case "minimal_swedish" -> new SwedishMinimalStemFilter(in);
            case "persian" -> new PersianStemFilter(in);
            case "portuguese_rslp" -> new PortugueseStemFilter(in);
            case "sorani" -> new SoraniStemFilter(in);
            case "spanish_plural" -> new SpanishPluralStemFilter(in);
            default -> {
                TokenStream normalized = normalization(language, in);
                yield normalized != null ? normalized
                        : new SnowballFilter(in, Character.toUpperCase(language.charAt(0)) + language.substring(1));
            }
        };
    }

    /** null: none of that name. */
    static TokenStream normalization(String name, TokenStream in) {
        return switch (name) {
            case "arabic_normalization" -> new ArabicNormalizationFilter(in);
            case "bengali_normalization" -> new BengaliNormalizationFilter(in);
            case "german_normalization" -> new GermanNormalizationFilter(in);
            case "hindi_normalization" -> new HindiNormalizationFilter(in);
            case "indic_normalization" -> new IndicNormalizationFilter(in);
            case "persian_normalization" -> new PersianNormalizationFilter(in);
            case "scandinavian_folding" -> new ScandinavianFoldingFilter(in);
            case "scandinavian_normalization" -> new ScandinavianNormalizationFilter(in);
            case "serbian_normalization" -> new SerbianNormalizationFilter(in);
            case "sorani_normalization" -> new SoraniNormalizationFilter(in);
            default -> null;
        };
    }
}
