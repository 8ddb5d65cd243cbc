// Tables, exempt from the line cap: the languages of translation models, in the order of their ids, and their names.
#pragma once

#include <cstddef>
#include <string_view>

#include "eigenformer/core/config.hpp"

namespace eigenformer::inline EIGENFORMER_ABI::tokenize {

namespace language_lists {

// clang-format off
// mBART-50 has all of these, mBART the first 25: https://github.com/huggingface/transformers/blob/v5.0.0/src/transformers/models/mbart50/tokenization_mbart50.py
inline constexpr std::string_view k_mbart50[] = {
    "ar_AR", "cs_CZ", "de_DE", "en_XX", "es_XX", "et_EE", "fi_FI", "fr_XX", "gu_IN", "hi_IN", "it_IT", "ja_XX",
    "kk_KZ", "ko_KR", "lt_LT", "lv_LV", "my_MM", "ne_NP", "nl_XX", "ro_RO", "ru_RU", "si_LK", "tr_TR", "vi_VN",
    "zh_CN", "af_ZA", "az_AZ", "bn_IN", "fa_IR", "he_IL", "hr_HR", "id_ID", "ka_GE", "km_KH", "mk_MK", "ml_IN",
    "mn_MN", "mr_IN", "pl_PL", "ps_AF", "pt_XX", "sv_SE", "sw_KE", "ta_IN", "te_IN", "th_TH", "tl_XX", "uk_UA",
    "ur_PK", "xh_ZA", "gl_ES", "sl_SI",
};
inline constexpr std::size_t k_mbart_count = 25;

// M2M100: https://github.com/huggingface/transformers/blob/v5.0.0/src/transformers/models/m2m_100/tokenization_m2m_100.py
inline constexpr std::string_view k_m2m100[] = {
    "af", "am", "ar", "ast", "az", "ba", "be", "bg", "bn", "br", "bs", "ca", "ceb", "cs", "cy", "da", "de", "el",
    "en", "es", "et", "fa", "ff", "fi", "fr", "fy", "ga", "gd", "gl", "gu", "ha", "he", "hi", "hr", "ht", "hu", "hy",
    "id", "ig", "ilo", "is", "it", "ja", "jv", "ka", "kk", "km", "kn", "ko", "lb", "lg", "ln", "lo", "lt", "lv", "mg",
    "mk", "ml", "mn", "mr", "ms", "my", "ne", "nl", "no", "ns", "oc", "or", "pa", "pl", "ps", "pt", "ro", "ru", "sd",
    "si", "sk", "sl", "so", "sq", "sr", "ss", "su", "sv", "sw", "ta", "th", "tl", "tn", "tr", "uk", "ur", "uz", "vi",
    "wo", "xh", "yi", "yo", "zh", "zu",
};

// The same class for the models of WMT 21.
inline constexpr std::string_view k_wmt21[] = {
    "en", "ha", "is", "ja", "cs", "ru", "zh", "de",
};

// NLLB: https://github.com/huggingface/transformers/blob/v5.0.0/src/transformers/models/nllb/tokenization_nllb.py
inline constexpr std::string_view k_nllb[] = {
    "ace_Arab", "ace_Latn", "acm_Arab", "acq_Arab", "aeb_Arab", "afr_Latn", "ajp_Arab", "aka_Latn", "amh_Ethi",
    "apc_Arab", "arb_Arab", "ars_Arab", "ary_Arab", "arz_Arab", "asm_Beng", "ast_Latn", "awa_Deva", "ayr_Latn",
    "azb_Arab", "azj_Latn", "bak_Cyrl", "bam_Latn", "ban_Latn", "bel_Cyrl", "bem_Latn", "ben_Beng", "bho_Deva",
    "bjn_Arab", "bjn_Latn", "bod_Tibt", "bos_Latn", "bug_Latn", "bul_Cyrl", "cat_Latn", "ceb_Latn", "ces_Latn",
    "cjk_Latn", "ckb_Arab", "crh_Latn", "cym_Latn", "dan_Latn", "deu_Latn", "dik_Latn", "dyu_Latn", "dzo_Tibt",
    "ell_Grek", "eng_Latn", "epo_Latn", "est_Latn", "eus_Latn", "ewe_Latn", "fao_Latn", "pes_Arab", "fij_Latn",
    "fin_Latn", "fon_Latn", "fra_Latn", "fur_Latn", "fuv_Latn", "gla_Latn", "gle_Latn", "glg_Latn", "grn_Latn",
    "guj_Gujr", "hat_Latn", "hau_Latn", "heb_Hebr", "hin_Deva", "hne_Deva", "hrv_Latn", "hun_Latn", "hye_Armn",
    "ibo_Latn", "ilo_Latn", "ind_Latn", "isl_Latn", "ita_Latn", "jav_Latn", "jpn_Jpan", "kab_Latn", "kac_Latn",
    "kam_Latn", "kan_Knda", "kas_Arab", "kas_Deva", "kat_Geor", "knc_Arab", "knc_Latn", "kaz_Cyrl", "kbp_Latn",
    "kea_Latn", "khm_Khmr", "kik_Latn", "kin_Latn", "kir_Cyrl", "kmb_Latn", "kon_Latn", "kor_Hang", "kmr_Latn",
    "lao_Laoo", "lvs_Latn", "lij_Latn", "lim_Latn", "lin_Latn", "lit_Latn", "lmo_Latn", "ltg_Latn", "ltz_Latn",
    "lua_Latn", "lug_Latn", "luo_Latn", "lus_Latn", "mag_Deva", "mai_Deva", "mal_Mlym", "mar_Deva", "min_Latn",
    "mkd_Cyrl", "plt_Latn", "mlt_Latn", "mni_Beng", "khk_Cyrl", "mos_Latn", "mri_Latn", "zsm_Latn", "mya_Mymr",
    "nld_Latn", "nno_Latn", "nob_Latn", "npi_Deva", "nso_Latn", "nus_Latn", "nya_Latn", "oci_Latn", "gaz_Latn",
    "ory_Orya", "pag_Latn", "pan_Guru", "pap_Latn", "pol_Latn", "por_Latn", "prs_Arab", "pbt_Arab", "quy_Latn",
    "ron_Latn", "run_Latn", "rus_Cyrl", "sag_Latn", "san_Deva", "sat_Beng", "scn_Latn", "shn_Mymr", "sin_Sinh",
    "slk_Latn", "slv_Latn", "smo_Latn", "sna_Latn", "snd_Arab", "som_Latn", "sot_Latn", "spa_Latn", "als_Latn",
    "srd_Latn", "srp_Cyrl", "ssw_Latn", "sun_Latn", "swe_Latn", "swh_Latn", "szl_Latn", "tam_Taml", "tat_Cyrl",
    "tel_Telu", "tgk_Cyrl", "tgl_Latn", "tha_Thai", "tir_Ethi", "taq_Latn", "taq_Tfng", "tpi_Latn", "tsn_Latn",
    "tso_Latn", "tuk_Latn", "tum_Latn", "tur_Latn", "twi_Latn", "tzm_Tfng", "uig_Arab", "ukr_Cyrl", "umb_Latn",
    "urd_Arab", "uzn_Latn", "vec_Latn", "vie_Latn", "war_Latn", "wol_Latn", "xho_Latn", "ydd_Hebr", "yor_Latn",
    "yue_Hant", "zho_Hans", "zho_Hant", "zul_Latn",
};
// clang-format on

/// A language by ISO 639-1 (empty where it has none), by ISO 639-3, by its English name, and by the code that a model
/// may use instead: that of the one language of a group.
struct Name {
  std::string_view two_letters, three_letters, name, other;
};

// clang-format off
inline constexpr Name k_names[] = {
    {"af", "afr", "Afrikaans", ""}, {"ak", "aka", "Akan", ""}, {"am", "amh", "Amharic", ""},
    {"ar", "ara", "Arabic", "arb"}, {"as", "asm", "Assamese", ""}, {"", "ast", "Asturian", ""},
    {"", "awa", "Awadhi", ""}, {"ay", "aym", "Aymara", "ayr"}, {"az", "aze", "Azerbaijani", "azj"},
    {"ba", "bak", "Bashkir", ""}, {"bm", "bam", "Bambara", ""}, {"", "ban", "Balinese", ""},
    {"be", "bel", "Belarusian", ""}, {"", "bem", "Bemba", ""}, {"bn", "ben", "Bengali", ""},
    {"", "bho", "Bhojpuri", ""}, {"bo", "bod", "Tibetan", ""}, {"br", "bre", "Breton", ""},
    {"bs", "bos", "Bosnian", ""}, {"bg", "bul", "Bulgarian", ""}, {"ca", "cat", "Catalan", ""},
    {"", "ceb", "Cebuano", ""}, {"cs", "ces", "Czech", ""}, {"", "ckb", "Central Kurdish", ""},
    {"cy", "cym", "Welsh", ""}, {"da", "dan", "Danish", ""}, {"de", "deu", "German", ""},
    {"dz", "dzo", "Dzongkha", ""}, {"el", "ell", "Greek", ""}, {"en", "eng", "English", ""},
    {"eo", "epo", "Esperanto", ""}, {"et", "est", "Estonian", ""}, {"eu", "eus", "Basque", ""},
    {"ee", "ewe", "Ewe", ""}, {"fo", "fao", "Faroese", ""}, {"fa", "fas", "Persian", "pes"},
    {"ff", "ful", "Fulah", "fuv"}, {"fj", "fij", "Fijian", ""}, {"fi", "fin", "Finnish", ""}, {"", "fon", "Fon", ""},
    {"fr", "fra", "French", ""}, {"fy", "fry", "Western Frisian", ""}, {"", "fur", "Friulian", ""},
    {"gd", "gla", "Scottish Gaelic", ""}, {"ga", "gle", "Irish", ""}, {"gl", "glg", "Galician", ""},
    {"gn", "grn", "Guarani", ""}, {"gu", "guj", "Gujarati", ""}, {"ht", "hat", "Haitian Creole", ""},
    {"ha", "hau", "Hausa", ""}, {"he", "heb", "Hebrew", ""}, {"hi", "hin", "Hindi", ""},
    {"hr", "hrv", "Croatian", ""}, {"hu", "hun", "Hungarian", ""}, {"hy", "hye", "Armenian", ""},
    {"ig", "ibo", "Igbo", ""}, {"", "ilo", "Ilocano", ""}, {"id", "ind", "Indonesian", ""},
    {"is", "isl", "Icelandic", ""}, {"it", "ita", "Italian", ""}, {"jv", "jav", "Javanese", ""},
    {"ja", "jpn", "Japanese", ""}, {"", "kab", "Kabyle", ""}, {"kn", "kan", "Kannada", ""},
    {"ks", "kas", "Kashmiri", ""}, {"ka", "kat", "Georgian", ""}, {"kk", "kaz", "Kazakh", ""},
    {"km", "khm", "Khmer", ""}, {"ki", "kik", "Kikuyu", ""}, {"rw", "kin", "Kinyarwanda", ""},
    {"ky", "kir", "Kyrgyz", ""}, {"kg", "kon", "Kongo", ""}, {"ko", "kor", "Korean", ""},
    {"ku", "kur", "Kurdish", "kmr"}, {"lo", "lao", "Lao", ""}, {"lv", "lav", "Latvian", "lvs"},
    {"li", "lim", "Limburgish", ""}, {"ln", "lin", "Lingala", ""}, {"lt", "lit", "Lithuanian", ""},
    {"", "lmo", "Lombard", ""}, {"lb", "ltz", "Luxembourgish", ""}, {"lg", "lug", "Ganda", ""},
    {"", "luo", "Luo", ""}, {"", "mai", "Maithili", ""}, {"ml", "mal", "Malayalam", ""}, {"mr", "mar", "Marathi", ""},
    {"mk", "mkd", "Macedonian", ""}, {"mg", "mlg", "Malagasy", "plt"}, {"mt", "mlt", "Maltese", ""},
    {"mn", "mon", "Mongolian", "khk"}, {"mi", "mri", "Maori", ""}, {"ms", "msa", "Malay", "zsm"},
    {"my", "mya", "Burmese", ""}, {"nl", "nld", "Dutch", ""}, {"nn", "nno", "Norwegian Nynorsk", ""},
    {"no", "nor", "Norwegian", "nob"}, {"nb", "nob", "Norwegian Bokmal", ""}, {"ne", "nep", "Nepali", "npi"},
    {"", "nso", "Northern Sotho", "ns"}, {"ny", "nya", "Chichewa", ""}, {"oc", "oci", "Occitan", ""},
    {"om", "orm", "Oromo", "gaz"}, {"or", "ori", "Odia", "ory"}, {"", "pag", "Pangasinan", ""},
    {"pa", "pan", "Punjabi", ""}, {"", "pap", "Papiamento", ""}, {"pl", "pol", "Polish", ""},
    {"pt", "por", "Portuguese", ""}, {"ps", "pus", "Pashto", "pbt"}, {"qu", "que", "Quechua", "quy"},
    {"ro", "ron", "Romanian", ""}, {"rn", "run", "Rundi", ""}, {"ru", "rus", "Russian", ""},
    {"sg", "sag", "Sango", ""}, {"sa", "san", "Sanskrit", ""}, {"", "sat", "Santali", ""},
    {"", "scn", "Sicilian", ""}, {"si", "sin", "Sinhala", ""}, {"sk", "slk", "Slovak", ""},
    {"sl", "slv", "Slovenian", ""}, {"sm", "smo", "Samoan", ""}, {"sn", "sna", "Shona", ""},
    {"sd", "snd", "Sindhi", ""}, {"so", "som", "Somali", ""}, {"st", "sot", "Southern Sotho", ""},
    {"es", "spa", "Spanish", ""}, {"sq", "sqi", "Albanian", "als"}, {"sc", "srd", "Sardinian", ""},
    {"sr", "srp", "Serbian", ""}, {"ss", "ssw", "Swati", ""}, {"su", "sun", "Sundanese", ""},
    {"sv", "swe", "Swedish", ""}, {"sw", "swa", "Swahili", "swh"}, {"", "szl", "Silesian", ""},
    {"ta", "tam", "Tamil", ""}, {"tt", "tat", "Tatar", ""}, {"te", "tel", "Telugu", ""}, {"tg", "tgk", "Tajik", ""},
    {"tl", "tgl", "Tagalog", ""}, {"th", "tha", "Thai", ""}, {"ti", "tir", "Tigrinya", ""},
    {"", "tpi", "Tok Pisin", ""}, {"tn", "tsn", "Tswana", ""}, {"ts", "tso", "Tsonga", ""},
    {"tk", "tuk", "Turkmen", ""}, {"", "tum", "Tumbuka", ""}, {"tr", "tur", "Turkish", ""}, {"tw", "twi", "Twi", ""},
    {"ug", "uig", "Uyghur", ""}, {"uk", "ukr", "Ukrainian", ""}, {"ur", "urd", "Urdu", ""},
    {"uz", "uzb", "Uzbek", "uzn"}, {"", "vec", "Venetian", ""}, {"vi", "vie", "Vietnamese", ""},
    {"", "war", "Waray", ""}, {"wo", "wol", "Wolof", ""}, {"xh", "xho", "Xhosa", ""}, {"yi", "yid", "Yiddish", "ydd"},
    {"yo", "yor", "Yoruba", ""}, {"", "yue", "Cantonese", ""}, {"zh", "zho", "Chinese", ""},
    {"zu", "zul", "Zulu", ""},
};
// clang-format on

}  // namespace language_lists

}  // namespace eigenformer::inline EIGENFORMER_ABI::tokenize
