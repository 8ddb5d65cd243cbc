// The library for plain C (C99), and for languages that call C functions. It needs no other header of the library.
//
// **Version.** EIGENFORMER_C_API_VERSION_* is the version of this interface, apart from that of the library, by
// Semantic Versioning. A minor version keeps what is there, in source and in binaries: functions with their parameters,
// the numbers of constants, and structures but for new members at the ends of those that begin with their size, whose
// default leaves a call as it was. It adds. A patch version changes this file's comments at most. Bits of results
// change with the library's arithmetic alone, which the library's CHANGELOG names. The shared library's soname carries
// the major version.
//
// **Text** is UTF-8. Names and paths go in as pointers to a NUL-terminated string. Other text goes in with its size,
// for it may hold NUL: `eigenformer_text_of("...")` makes one of a string. What comes out has a size and a NUL behind
// it.
//
// **Structures of options** begin with their size and are filled by their ..._init function, which knows the defaults;
// change what you want changed afterwards. A null pointer in place of one stands for the defaults. A member that the
// running library does not know is an error, unless it is zero.
//
// **Errors.** A function that can fail returns a status, EIGENFORMER_OK (0) or the kind of the error, and describes it
// in the eigenformer_error that it is given: an object of the caller's, which may be null. There is no hidden last
// error of a thread: programs whose tasks move between threads (Go, C#, coroutines) would read that of another task,
// and the library keeps no global state. Nothing is thrown, and what a call hands out is untouched where it fails. No
// function prints or ends the process, also where memory runs out in the middle of it ("system.memory").
//
// **Handles.** Null, or a handle of another type, is the error "usage.null_argument" or "usage.handle" and no crash.
// Using a handle after its ..._free cannot be seen. Every ..._free takes null, and does nothing with a handle of
// another type. Handles keep what they need alive: a model may be freed while chats and replies of it go on.
//
// **Threads.** A model and a cancel token may be used by any number of threads. A chat and its replies, or a reply of
// its own, are for one thread at a time; a second one, or a call from within a callback, gets "usage.handle_in_use".
// Exceptions are eigenformer_reply_cancel and the cancel tokens, which are for other threads. An eigenformer_error is
// for one thread at a time. No handle is freed while another thread uses it.
//
// **Callbacks** run on the thread of the call. They return EIGENFORMER_CONTINUE or EIGENFORMER_STOP; they must not
// leave by longjmp. (An exception of C++ or another language that unwinds like one becomes "system.unexpected".)
#ifndef EIGENFORMER_C_API_H
#define EIGENFORMER_C_API_H

#include <stdint.h>

#define EIGENFORMER_C_API_VERSION_MAJOR 1
#define EIGENFORMER_C_API_VERSION_MINOR 1
#define EIGENFORMER_C_API_VERSION_PATCH 0

// What marks a function of the interface. The CMake targets set EIGENFORMER_C_API_STATIC where the library is linked
// statically, and EIGENFORMER_C_API_BUILD where it is built.
#if defined(_WIN32) && defined(EIGENFORMER_C_API_BUILD)
#define EIGENFORMER_C_API __declspec(dllexport)
#elif defined(_WIN32) && !defined(EIGENFORMER_C_API_STATIC)
#define EIGENFORMER_C_API __declspec(dllimport)
#elif defined(__GNUC__)
#define EIGENFORMER_C_API __attribute__((visibility("default")))
#else
#define EIGENFORMER_C_API
#endif

#if defined(__cplusplus)
extern "C" {
#endif

// ---- version --------------------------------------------------------------------------------------------------------

/// The version of this interface that runs: major * 65536 + minor * 256 + patch. A program that was compiled with
/// another header compares it with the EIGENFORMER_C_API_VERSION_* of that.
EIGENFORMER_C_API uint32_t eigenformer_c_api_version(void);

/// The version of the library behind it: "0.1.0".
EIGENFORMER_C_API const char* eigenformer_library_version(void);

// ---- text, lists, memory --------------------------------------------------------------------------------------------

/// Text that somebody else owns. Where it goes in, `data` may be null if `size` is 0.
typedef struct eigenformer_text {
  const char* data;
  uint64_t size;  ///< in bytes
} eigenformer_text;

/// The text of a NUL-terminated string; of null: no text.
EIGENFORMER_C_API eigenformer_text eigenformer_text_of(const char* string);

/// Texts that the caller owns. `texts` may be null if `count` is 0.
typedef struct eigenformer_texts {
  const eigenformer_text* texts;
  uint64_t count;
} eigenformer_texts;

/// Token ids that somebody else owns. Where they go in, `ids` may be null if `count` is 0.
typedef struct eigenformer_tokens {
  const int32_t* ids;
  uint64_t count;
} eigenformer_tokens;

/// Text for the caller to keep: eigenformer_free(data). Never null after success.
typedef struct eigenformer_owned_text {
  char* data;
  uint64_t size;  ///< in bytes, without the NUL behind it
} eigenformer_owned_text;

/// Token ids for the caller to keep: eigenformer_free(ids). Never null after success.
typedef struct eigenformer_owned_tokens {
  int32_t* ids;
  uint64_t count;
} eigenformer_owned_tokens;

/// Vectors for the caller to keep: eigenformer_free(values). Never null after success.
typedef struct eigenformer_vectors {
  float* values;     ///< [rows, columns]: number c of vector r is values[r * columns + c]
  uint64_t rows;     ///< one for each text
  uint64_t columns;  ///< 0 where there are no rows
} eigenformer_vectors;

/// Frees what a function handed out in one of the three structures above. Takes null.
EIGENFORMER_C_API void eigenformer_free(void* memory);

// ---- errors ---------------------------------------------------------------------------------------------------------

/// EIGENFORMER_OK, or what kind of error it was.
typedef int32_t eigenformer_status;
enum {
  EIGENFORMER_OK = 0,
  EIGENFORMER_ERROR_FORMAT = 1,     ///< bytes of a file                                   (id "format.*")
  EIGENFORMER_ERROR_CONFIG = 2,     ///< a key of a model's config                         (id "config.*")
  EIGENFORMER_ERROR_WEIGHT = 3,     ///< a tensor that is missing, extra or of wrong kind  (id "weight.*")
  EIGENFORMER_ERROR_SHAPE = 4,      ///< sizes that do not fit together                    (id "shape.*")
  EIGENFORMER_ERROR_TOKENIZER = 5,  ///< vocabulary, merges, token ids                     (id "tokenizer.*")
  EIGENFORMER_ERROR_CHAT = 6,       ///< chat templates and messages                       (id "chat.*")
  EIGENFORMER_ERROR_USAGE = 7,      ///< arguments and options of the caller               (id "usage.*")
  EIGENFORMER_ERROR_NUMERIC = 8,    ///< a value that is not finite                        (id "numeric.*")
  EIGENFORMER_ERROR_SYSTEM = 9,     ///< files that cannot be opened, memory               (id "system.*")
  EIGENFORMER_ERROR_CANCELLED = 10  ///< the caller asked to stop                          (id "cancelled.*")
};

/// Where calls describe how they ended: make one, hand it to any number of calls one after another, free it.
typedef struct eigenformer_error eigenformer_error;

/// Null where there is no memory; every function takes that.
EIGENFORMER_C_API eigenformer_error* eigenformer_error_new(void);
/// Takes null.
EIGENFORMER_C_API void eigenformer_error_free(eigenformer_error* error);

/// How the last call that was given it ended; of null or no error object: EIGENFORMER_ERROR_USAGE.
EIGENFORMER_C_API eigenformer_status eigenformer_error_status(const eigenformer_error* error);

// The parts of the error, NUL-terminated, until the object goes into another call; "" where the last call succeeded,
// for a part that there is none of, and for null.

/// The stable id, "format.magic"; docs/errors.md lists them.
EIGENFORMER_C_API const char* eigenformer_error_id(const eigenformer_error* error);
/// What was expected: "a GGUF file of version 2 or 3".
EIGENFORMER_C_API const char* eigenformer_error_expected(const eigenformer_error* error);
/// What was found instead: "version 7".
EIGENFORMER_C_API const char* eigenformer_error_found(const eigenformer_error* error);
/// File, key, tensor, byte, argument: "model.gguf, byte 4".
EIGENFORMER_C_API const char* eigenformer_error_where(const eigenformer_error* error);
/// What to do: "download the file again".
EIGENFORMER_C_API const char* eigenformer_error_remedy(const eigenformer_error* error);
/// The parts as one sentence: "<where>: expected <expected>, found <found>; <remedy>".
EIGENFORMER_C_API const char* eigenformer_error_message(const eigenformer_error* error);

// ---- stopping -------------------------------------------------------------------------------------------------------

/// What a callback returns.
enum { EIGENFORMER_STOP = 0, EIGENFORMER_CONTINUE = 1 };

/// A switch that any thread may turn while calls that were given it run.
typedef struct eigenformer_cancel_token eigenformer_cancel_token;

/// Null where there is no memory.
EIGENFORMER_C_API eigenformer_cancel_token* eigenformer_cancel_token_new(void);
/// Calls and replies that were given the token keep the switch itself.
EIGENFORMER_C_API void eigenformer_cancel_token_free(eigenformer_cancel_token* token);
/// Stops who was given it within about a layer's time.
EIGENFORMER_C_API void eigenformer_cancel_token_cancel(const eigenformer_cancel_token* token);
/// Makes it usable again.
EIGENFORMER_C_API void eigenformer_cancel_token_reset(const eigenformer_cancel_token* token);
/// 1 where it is turned, else 0; of null: 0.
EIGENFORMER_C_API int32_t eigenformer_cancel_token_cancelled(const eigenformer_cancel_token* token);

// ---- models ---------------------------------------------------------------------------------------------------------

/// A loaded model: immutable, shared.
typedef struct eigenformer_model eigenformer_model;

/// Which arithmetic (docs/numerics.md).
enum {
  EIGENFORMER_COMPUTE_AUTOMATIC = 0,  ///< 8-bit activations for block formats, f32 else
  EIGENFORMER_COMPUTE_EXACT = 1       ///< f32 activations: for comparison with reference implementations
};

/// How weights are kept in memory.
enum {
  EIGENFORMER_WEIGHTS_AS_IS = 0,  ///< as the file has them
  EIGENFORMER_WEIGHTS_Q8 = 1,     ///< F32, F16 and BF16 become Q8_0 while they are read
  EIGENFORMER_WEIGHTS_Q4 = 2      ///< ... Q4_1, tables of embeddings Q8_0
};

/// How keys and values are kept.
enum {
  EIGENFORMER_CACHE_AUTOMATIC = 0,  ///< f32 under EIGENFORMER_COMPUTE_EXACT and in encoders, else f16
  EIGENFORMER_CACHE_F32 = 1,
  EIGENFORMER_CACHE_F16 = 2,
  EIGENFORMER_CACHE_INT8 = 3
};

/// What becomes of a key of the config that the architecture does not know.
enum {
  EIGENFORMER_UNKNOWN_KEYS_REFUSE = 0,  ///< an error that names it
  EIGENFORMER_UNKNOWN_KEYS_REPORT = 1   ///< listed by eigenformer_model_report
};

/// Called while tokenizer and weights are read, with bytes of the weights done and in all. EIGENFORMER_STOP ends the
/// load: "cancelled.load".
typedef int32_t (*eigenformer_load_callback)(void* context, uint64_t done, uint64_t total);

typedef struct eigenformer_load_options {
  uint64_t size;                       ///< set by eigenformer_load_options_init
  int32_t compute;                     ///< EIGENFORMER_COMPUTE_*
  int32_t weights;                     ///< EIGENFORMER_WEIGHTS_*
  int32_t cache;                       ///< EIGENFORMER_CACHE_*
  int32_t unknown_keys;                ///< EIGENFORMER_UNKNOWN_KEYS_*
  uint64_t threads;                    ///< of the model's own pool, 1 to 65536; default: one for each core
  const char* instruction_set;         ///< "scalar", "avx2", ...; null (default): the best that the machine has
  eigenformer_load_callback progress;  ///< may be null (default)
  void* progress_context;              ///< what `progress` is called with
} eigenformer_load_options;

/// Fills the options with their defaults. `size` is sizeof(eigenformer_load_options) of the caller.
EIGENFORMER_C_API eigenformer_status eigenformer_load_options_init(eigenformer_load_options* options, uint64_t size,
                                                                   eigenformer_error* error);

/// The path of a model by its name (that of a model which models/fetch brings) or path: what eigenformer_load takes.
/// "system.model_absent" where there is none.
EIGENFORMER_C_API eigenformer_status eigenformer_find_model(const char* name, eigenformer_owned_text* path,
                                                            eigenformer_error* error);

/// Loads a Hugging Face folder or a .gguf file. The model is the caller's: eigenformer_model_free.
EIGENFORMER_C_API eigenformer_status eigenformer_load(const char* path, const eigenformer_load_options* options,
                                                      eigenformer_model** model, eigenformer_error* error);

/// Loads a GGUF file of `size` bytes that is in memory already; they are not needed after the call.
EIGENFORMER_C_API eigenformer_status eigenformer_load_from_memory(const void* gguf, uint64_t size,
                                                                  const eigenformer_load_options* options,
                                                                  eigenformer_model** model, eigenformer_error* error);

/// Takes null. Chats and replies of the model go on.
EIGENFORMER_C_API void eigenformer_model_free(eigenformer_model* model);

// ---- models out of the host's own files -----------------------------------------------------------------------------

/// Fills `out` with the `count` bytes from `offset` on, all of which the file has. From several threads at once.
/// EIGENFORMER_STOP where it cannot: the load fails with "system.reader_failed".
typedef int32_t (*eigenformer_read_callback)(void* context, uint64_t offset, void* out, uint64_t count);

/// The library will not call with this context again.
typedef void (*eigenformer_close_callback)(void* context);

/// A file that the host reads: packed into an archive, encrypted, behind a file system of its own.
typedef struct eigenformer_reader {
  uint64_t size;                     ///< set by eigenformer_reader_init
  const char* name;                  ///< what messages call it; may be null, and is not asked for in a folder
  uint64_t bytes;                    ///< of the file
  eigenformer_read_callback read;    ///< null (default): there is no such file
  eigenformer_close_callback close;  ///< may be null (default); called once, when the model is loaded or is not
  void* context;                     ///< what `read` and `close` are called with
} eigenformer_reader;

/// Opens a file of a folder: "config.json", and of models of sentence-transformers "1_Pooling/config.json" as well. No
/// part of a name is ever "." or "..". `file` comes as eigenformer_reader_init leaves it and stays so where there is no
/// such file, which is no error: of most models a dozen names are asked for in vain. EIGENFORMER_STOP: the load fails
/// with "system.reader_failed". From the one thread that loads; no name twice in a load.
typedef int32_t (*eigenformer_open_callback)(void* context, const char* name, eigenformer_reader* file);

/// A Hugging Face folder whose files the host reads, under the names that they have on the hub.
typedef struct eigenformer_folder {
  uint64_t size;                     ///< set by eigenformer_folder_init
  const char* name;                  ///< what messages call it; may be null
  eigenformer_open_callback open;    ///< never null
  eigenformer_close_callback close;  ///< may be null (default); called once, after those of its files
  void* context;                     ///< what `open` and `close` are called with
} eigenformer_folder;

/// Where a model comes from: one of these, the others null. Nothing that it points to is needed after the call that is
/// given it, but for what the contexts are.
typedef struct eigenformer_source {
  uint64_t size;                     ///< set by eigenformer_source_init
  const char* path;                  ///< of a Hugging Face folder or a .gguf file
  const eigenformer_reader* gguf;    ///< a .gguf file
  const eigenformer_folder* folder;  ///< a Hugging Face folder
} eigenformer_source;

/// Fills the reader with its defaults. `size` is sizeof(eigenformer_reader) of the caller.
EIGENFORMER_C_API eigenformer_status eigenformer_reader_init(eigenformer_reader* reader, uint64_t size,
                                                             eigenformer_error* error);
/// The same of a folder.
EIGENFORMER_C_API eigenformer_status eigenformer_folder_init(eigenformer_folder* folder, uint64_t size,
                                                             eigenformer_error* error);
/// The same of a source, which is none then.
EIGENFORMER_C_API eigenformer_status eigenformer_source_init(eigenformer_source* source, uint64_t size,
                                                             eigenformer_error* error);

/// Loads what the source is. The model is the caller's. Each `close` has been called when this returns, whatever came
/// of it; the only structures that are not closed are those that were refused themselves ("usage.model_source", a size,
/// a null callback).
EIGENFORMER_C_API eigenformer_status eigenformer_load_from_source(const eigenformer_source* source,
                                                                  const eigenformer_load_options* options,
                                                                  eigenformer_model** model, eigenformer_error* error);

/// What a model would take, with the same options, before it is loaded.
typedef struct eigenformer_memory_estimate {
  uint64_t size;  ///< of this structure
  uint64_t parameters;
  uint64_t weight_bytes;          ///< in memory
  uint64_t largest_tensor_bytes;  ///< of the file: what is held beside the weights while they are read
  uint64_t context_length;        ///< in tokens
  uint64_t page_tokens;           ///< keys and values come in pages of so many tokens of a sequence
  uint64_t page_bytes;            ///< of one of them; 0 for encoders alone
} eigenformer_memory_estimate;

/// Reads all but the tokenizer and the matrices, and fills `estimate`, of which the caller has `size` bytes. The
/// options' callback is not called.
EIGENFORMER_C_API eigenformer_status eigenformer_estimate(const eigenformer_source* source,
                                                          const eigenformer_load_options* options,
                                                          eigenformer_memory_estimate* estimate, uint64_t size,
                                                          eigenformer_error* error);

/// A model that is being loaded by a thread of its own.
typedef struct eigenformer_loading eigenformer_loading;

/// Begins to load what the source is; that other thread calls the callbacks of source and options. What is wrong with
/// the model, eigenformer_loading_wait says. Each `close` has been called when that or eigenformer_loading_free
/// returns. The handle is the caller's.
EIGENFORMER_C_API eigenformer_status eigenformer_load_begin(const eigenformer_source* source,
                                                            const eigenformer_load_options* options,
                                                            eigenformer_loading** loading, eigenformer_error* error);

// The next three are for any thread, and do nothing, or give 0, with null and with another handle.

/// 1 where eigenformer_loading_wait would return at once, else 0.
EIGENFORMER_C_API int32_t eigenformer_loading_ready(const eigenformer_loading* loading);
/// Which part of the weights has been read, 0 to 1.
EIGENFORMER_C_API double eigenformer_loading_progress(const eigenformer_loading* loading);
/// Ends it within about a tensor's time; eigenformer_loading_wait gives "cancelled.load", unless it was over before.
EIGENFORMER_C_API void eigenformer_loading_cancel(const eigenformer_loading* loading);

/// Waits for the end. The model is the caller's; each call hands out another handle of the one model. For one thread at
/// a time.
EIGENFORMER_C_API eigenformer_status eigenformer_loading_wait(eigenformer_loading* loading, eigenformer_model** model,
                                                              eigenformer_error* error);

/// Cancels it where it is not over, and waits for the end. Takes null. Models that were handed out go on.
EIGENFORMER_C_API void eigenformer_loading_free(eigenformer_loading* loading);

enum { EIGENFORMER_DECODER = 0, EIGENFORMER_ENCODER = 1, EIGENFORMER_ENCODER_DECODER = 2 };

/// What is known of a loaded model. Its texts live as long as the model's handle.
typedef struct eigenformer_model_info {
  uint64_t size;                     ///< of this structure
  eigenformer_text source;           ///< the path it was loaded from
  eigenformer_text architecture;     ///< "llama"
  eigenformer_text format;           ///< "GGUF", "safetensors" or "PyTorch"
  eigenformer_text weight_types;     ///< "Q4_1 + F32", in order of bytes
  eigenformer_text instruction_set;  ///< what its kernels use
  eigenformer_text chat_template;    ///< Jinja; data is null for models that were not made to chat
  int32_t kind;                      ///< EIGENFORMER_DECODER, ...
  int32_t has_tokenizer;             ///< 1 or 0
  uint64_t vocabulary_size;
  uint64_t hidden_size;
  uint64_t layers;
  uint64_t heads;
  uint64_t context_length;  ///< in tokens
  uint64_t embedding_size;  ///< numbers of an embedding
  uint64_t parameters;
  uint64_t weight_bytes;  ///< in memory
  uint64_t threads;
  uint64_t reports;  ///< how many eigenformer_model_report has
} eigenformer_model_info;

/// Fills `info`, of which the caller has `size` bytes: sizeof(eigenformer_model_info).
EIGENFORMER_C_API eigenformer_status eigenformer_model_get_info(const eigenformer_model* model,
                                                                eigenformer_model_info* info, uint64_t size,
                                                                eigenformer_error* error);

/// What loading passed over, number `index` of eigenformer_model_info::reports; lives as long as the model's handle.
/// "usage.index" where there are not so many.
EIGENFORMER_C_API eigenformer_status eigenformer_model_report(const eigenformer_model* model, uint64_t index,
                                                              eigenformer_text* report, eigenformer_error* error);

// ---- tokens ---------------------------------------------------------------------------------------------------------

typedef struct eigenformer_tokenize_options {
  uint64_t size;               ///< set by eigenformer_tokenize_options_init
  int32_t add_special_tokens;  ///< 1 (default): by the tokenizer's own template, or 0
  int32_t plain_text;          ///< 1: no special token is matched inside the text, which somebody else wrote; default 0
} eigenformer_tokenize_options;

/// Fills the options with their defaults. `size` is sizeof(eigenformer_tokenize_options) of the caller.
EIGENFORMER_C_API eigenformer_status eigenformer_tokenize_options_init(eigenformer_tokenize_options* options,
                                                                       uint64_t size, eigenformer_error* error);

/// The ids of a text. "tokenizer.missing" where the model came without a tokenizer.
EIGENFORMER_C_API eigenformer_status eigenformer_tokenize(const eigenformer_model* model, eigenformer_text text,
                                                          const eigenformer_tokenize_options* options,
                                                          eigenformer_owned_tokens* tokens, eigenformer_error* error);

typedef struct eigenformer_detokenize_options {
  uint64_t size;                ///< set by eigenformer_detokenize_options_init
  int32_t skip_special_tokens;  ///< 1, or 0 (default)
  int32_t reserved;             ///< 0
} eigenformer_detokenize_options;

/// Fills the options with their defaults. `size` is sizeof(eigenformer_detokenize_options) of the caller.
EIGENFORMER_C_API eigenformer_status eigenformer_detokenize_options_init(eigenformer_detokenize_options* options,
                                                                         uint64_t size, eigenformer_error* error);

/// The text of ids; well-formed UTF-8. An id that no token has adds nothing.
EIGENFORMER_C_API eigenformer_status eigenformer_detokenize(const eigenformer_model* model, eigenformer_tokens tokens,
                                                            const eigenformer_detokenize_options* options,
                                                            eigenformer_owned_text* text, eigenformer_error* error);

// ---- generation -----------------------------------------------------------------------------------------------------

/// Which texts count as the same.
enum {
  EIGENFORMER_CASE_INSENSITIVE = 0,  ///< those that are equal after Unicode's case folding
  EIGENFORMER_CASE_SENSITIVE = 1     ///< those of the same bytes
};

/// How tokens are chosen and when to stop; names and meaning are those of Hugging Face transformers. A value out of its
/// range is "usage.option_range".
typedef struct eigenformer_generate_options {
  uint64_t size;                           ///< set by eigenformer_generate_options_init
  uint64_t max_new_tokens;                 ///< 1 or more; default 256, in a chat 512
  double temperature;                      ///< 0: always the likeliest token; default 0, in a chat 0.2
  double top_p;                            ///< 0 to 1; default 1, in a chat 0.9
  double min_p;                            ///< 0 (default) to 1
  uint64_t top_k;                          ///< 0 (default): all
  double repetition_penalty;               ///< 0.01 to 100; default 1
  uint64_t seed;                           ///< the same seed gives the same tokens on every machine; default 0
  eigenformer_texts stop;                  ///< texts that end the answer and are no part of it
  eigenformer_texts banned_strings;        ///< texts that never come into the answer
  eigenformer_tokens stop_tokens;          ///< tokens that end the answer besides the model's own
  const eigenformer_cancel_token* cancel;  ///< may be null (default)
  /// JSON with the keys of generation_config.json, through which the other options of transformers can be given.
  /// Members above that differ from the defaults of eigenformer_generate go before it, and it before the model's own
  /// file, which counts from then on ("{}": that alone). data null (default): the members above, and no file.
  eigenformer_text generation_config;
  int32_t ignore_end_tokens;    ///< 1: go on after the model's own end tokens; default 0
  int32_t banned_strings_case;  ///< EIGENFORMER_CASE_*: which texts count as one of banned_strings
} eigenformer_generate_options;

/// Fills the options with the defaults of eigenformer_generate, _tokens and _begin. `size` is
/// sizeof(eigenformer_generate_options) of the caller.
EIGENFORMER_C_API eigenformer_status eigenformer_generate_options_init(eigenformer_generate_options* options,
                                                                       uint64_t size, eigenformer_error* error);
/// Fills the options with the defaults of chats.
EIGENFORMER_C_API eigenformer_status eigenformer_chat_generate_options_init(eigenformer_generate_options* options,
                                                                            uint64_t size, eigenformer_error* error);

/// Called with each new piece of an answer: whole characters, never empty, valid during the call. EIGENFORMER_STOP ends
/// the answer there, which is no error.
typedef int32_t (*eigenformer_piece_callback)(void* context, eigenformer_text piece);

/// Continues a text; an encoder-decoder answers it. The whole answer goes through `on_piece`.
EIGENFORMER_C_API eigenformer_status eigenformer_generate(const eigenformer_model* model, eigenformer_text prompt,
                                                          const eigenformer_generate_options* options,
                                                          eigenformer_piece_callback on_piece, void* context,
                                                          eigenformer_error* error);

/// Continues token ids by token ids, an end token included; needs no tokenizer unless there are texts in the options.
/// Of several sequences the first is handed out. When it is cancelled, the tokens until then are handed out.
EIGENFORMER_C_API eigenformer_status eigenformer_generate_tokens(const eigenformer_model* model,
                                                                 eigenformer_tokens prompt,
                                                                 const eigenformer_generate_options* options,
                                                                 eigenformer_owned_tokens* tokens,
                                                                 eigenformer_error* error);

/// An answer that comes into being while it is pulled.
typedef struct eigenformer_reply eigenformer_reply;

/// Begins to continue a text; nothing is computed before the first eigenformer_reply_next. The reply is the caller's:
/// eigenformer_reply_free.
EIGENFORMER_C_API eigenformer_status eigenformer_generate_begin(const eigenformer_model* model, eigenformer_text prompt,
                                                                const eigenformer_generate_options* options,
                                                                eigenformer_reply** reply, eigenformer_error* error);

/// The next piece: whole characters, never empty, valid until the next call with this reply; data is null when the
/// answer is over. After an error it is over.
EIGENFORMER_C_API eigenformer_status eigenformer_reply_next(eigenformer_reply* reply, eigenformer_text* piece,
                                                            eigenformer_error* error);

/// Pulls all that is left and hands it to `on_piece`.
EIGENFORMER_C_API eigenformer_status eigenformer_reply_run(eigenformer_reply* reply,
                                                           eigenformer_piece_callback on_piece, void* context,
                                                           eigenformer_error* error);

/// Ends it here: what was said until now stands, and in a chat it is remembered.
EIGENFORMER_C_API eigenformer_status eigenformer_reply_stop(eigenformer_reply* reply, eigenformer_error* error);

/// The same from another thread, while eigenformer_reply_next or _run is at work: within about a layer's time. It turns
/// the switch of the options where they have one, else one that is the reply's own.
EIGENFORMER_C_API eigenformer_status eigenformer_reply_cancel(const eigenformer_reply* reply, eigenformer_error* error);

enum {
  EIGENFORMER_FINISH_NONE = 0,         ///< it is not over, or an error ended it
  EIGENFORMER_FINISH_END_TOKEN = 1,    ///< an end token of the model, or one of stop_tokens
  EIGENFORMER_FINISH_STOP_STRING = 2,  ///< one of the texts `stop`
  EIGENFORMER_FINISH_LENGTH = 3,       ///< max_new_tokens, or the model's context
  EIGENFORMER_FINISH_CANCELLED = 4,
  EIGENFORMER_FINISH_BANNED = 5  ///< all that was tried would have been one of banned_strings
};

/// What a reply has come to so far. Texts and ids live until the next call with this reply.
typedef struct eigenformer_reply_result {
  uint64_t size;              ///< of this structure
  eigenformer_text text;      ///< all pieces, joined
  eigenformer_tokens tokens;  ///< new tokens, an end token included
  uint64_t prompt_tokens;
  uint64_t cached_tokens;  ///< of the prompt's tokens, those that were in the cache already
  double prompt_seconds;   ///< until the first new token
  double token_seconds;    ///< for the other new tokens
  int32_t finish_reason;   ///< EIGENFORMER_FINISH_*
  int32_t reserved;        ///< 0
} eigenformer_reply_result;

/// Fills `result`, of which the caller has `size` bytes: sizeof(eigenformer_reply_result).
EIGENFORMER_C_API eigenformer_status eigenformer_reply_get_result(const eigenformer_reply* reply,
                                                                  eigenformer_reply_result* result, uint64_t size,
                                                                  eigenformer_error* error);

/// A reply of a chat that is freed midway leaves the chat as it was before the turn; it counts as a use of the chat.
EIGENFORMER_C_API void eigenformer_reply_free(eigenformer_reply* reply);

// ---- chat -----------------------------------------------------------------------------------------------------------

/// One conversation. Messages become a prompt by the model's template, or the end token of models of DialoGPT's kind.
/// When the context would be exceeded, the oldest turns are forgotten.
typedef struct eigenformer_chat eigenformer_chat;

typedef struct eigenformer_message {
  const char* role;  ///< "system", "user", "assistant", or another that the model's template knows
  eigenformer_text content;
} eigenformer_message;

/// The most that a length can be: the model's own limit.
#define EIGENFORMER_MODEL_LIMIT UINT64_MAX

typedef struct eigenformer_chat_options {
  uint64_t size;            ///< set by eigenformer_chat_options_init
  eigenformer_text system;  ///< what the assistant is told before all else; none: the template's default
  const eigenformer_message*
      history;  ///< turns that count as said already, oldest first; may be null if there are none
  uint64_t history_count;
  uint64_t context_length;         ///< tokens that prompt and answer may have together; default EIGENFORMER_MODEL_LIMIT
  eigenformer_text chat_template;  ///< Jinja, instead of the model's own; data null: that
  const eigenformer_generate_options* generation;  ///< null (default): those of eigenformer_chat_generate_options_init
} eigenformer_chat_options;

/// Fills the options with their defaults. `size` is sizeof(eigenformer_chat_options) of the caller.
EIGENFORMER_C_API eigenformer_status eigenformer_chat_options_init(eigenformer_chat_options* options, uint64_t size,
                                                                   eigenformer_error* error);

/// The chat is the caller's: eigenformer_chat_free. "chat.no_template" where the model was not made to chat.
EIGENFORMER_C_API eigenformer_status eigenformer_chat_new(const eigenformer_model* model,
                                                          const eigenformer_chat_options* options,
                                                          eigenformer_chat** chat, eigenformer_error* error);

/// Says `text` and hands the answer to `on_piece`. Both are remembered; an error leaves the chat as it was.
EIGENFORMER_C_API eigenformer_status eigenformer_chat_ask(eigenformer_chat* chat, eigenformer_text text,
                                                          eigenformer_piece_callback on_piece, void* context,
                                                          eigenformer_error* error);

/// Says `text` and begins the answer, to be pulled; `options` null: those of the chat. The reply is the caller's. It
/// may outlive the chat.
EIGENFORMER_C_API eigenformer_status eigenformer_chat_begin(eigenformer_chat* chat, eigenformer_text text,
                                                            const eigenformer_generate_options* options,
                                                            eigenformer_reply** reply, eigenformer_error* error);

/// Forgets all turns and keeps the system message.
EIGENFORMER_C_API eigenformer_status eigenformer_chat_reset(eigenformer_chat* chat, eigenformer_error* error);

/// Changes the system message and keeps the turns; an empty text: none.
EIGENFORMER_C_API eigenformer_status eigenformer_chat_set_system(eigenformer_chat* chat, eigenformer_text system,
                                                                 eigenformer_error* error);

/// How many messages the chat remembers, the system message included.
EIGENFORMER_C_API eigenformer_status eigenformer_chat_message_count(const eigenformer_chat* chat, uint64_t* count,
                                                                    eigenformer_error* error);

/// One of them, oldest first; valid until the next call with this chat or a reply of it. "usage.index" where there are
/// not so many.
EIGENFORMER_C_API eigenformer_status eigenformer_chat_message(const eigenformer_chat* chat, uint64_t index,
                                                              eigenformer_message* message, eigenformer_error* error);

/// The messages as JSON, which eigenformer_chat_load reads.
EIGENFORMER_C_API eigenformer_status eigenformer_chat_save(const eigenformer_chat* chat, eigenformer_owned_text* saved,
                                                           eigenformer_error* error);

/// Replaces the messages by those of a saved chat; any model may go on with them. An error leaves the chat as it was.
EIGENFORMER_C_API eigenformer_status eigenformer_chat_load(eigenformer_chat* chat, eigenformer_text saved,
                                                           eigenformer_error* error);

/// Takes null. Replies of the chat go on.
EIGENFORMER_C_API void eigenformer_chat_free(eigenformer_chat* chat);

// ---- embeddings -----------------------------------------------------------------------------------------------------

/// How the vectors of a text's tokens become one.
enum {
  EIGENFORMER_POOLING_AUTOMATIC = 0,  ///< as the model's files say, else mean for encoders and last for decoders
  EIGENFORMER_POOLING_CLS = 1,
  EIGENFORMER_POOLING_MAX = 2,
  EIGENFORMER_POOLING_MEAN = 3,
  EIGENFORMER_POOLING_MEAN_SQRT_LENGTH = 4,
  EIGENFORMER_POOLING_WEIGHTED_MEAN = 5,
  EIGENFORMER_POOLING_LAST = 6
};

/// Whether vectors are brought to the length 1.
enum {
  EIGENFORMER_NORMALIZE_AUTOMATIC = 0,  ///< as the model's files say, else yes
  EIGENFORMER_NORMALIZE_NO = 1,
  EIGENFORMER_NORMALIZE_YES = 2
};

/// What becomes of a text that has too many tokens.
enum {
  EIGENFORMER_LONG_TEXT_AUTOMATIC = 0,  ///< cut for folders of sentence-transformers, else refused
  EIGENFORMER_LONG_TEXT_REFUSE = 1,     ///< "usage.prompt_too_long"
  EIGENFORMER_LONG_TEXT_CUT = 2
};

typedef struct eigenformer_embed_options {
  uint64_t size;                           ///< set by eigenformer_embed_options_init
  int32_t pooling;                         ///< EIGENFORMER_POOLING_*
  int32_t normalize;                       ///< EIGENFORMER_NORMALIZE_*
  int32_t long_text;                       ///< EIGENFORMER_LONG_TEXT_*
  int32_t reserved;                        ///< 0
  uint64_t max_length;                     ///< tokens, 1 or more; default EIGENFORMER_MODEL_LIMIT
  const char* prompt_name;                 ///< of the model's prompts, that in front of each text; null: its default
  eigenformer_text prompt;                 ///< what goes in front of each text instead; data null: nothing instead
  const eigenformer_cancel_token* cancel;  ///< may be null (default); "cancelled.task" when it is turned
} eigenformer_embed_options;

/// Fills the options with their defaults. `size` is sizeof(eigenformer_embed_options) of the caller.
EIGENFORMER_C_API eigenformer_status eigenformer_embed_options_init(eigenformer_embed_options* options, uint64_t size,
                                                                    eigenformer_error* error);

/// The vectors of texts: [texts.count, eigenformer_model_info::embedding_size]. Many texts in one call are fastest; a
/// text has the same bits alone and in company.
EIGENFORMER_C_API eigenformer_status eigenformer_embed(const eigenformer_model* model, eigenformer_texts texts,
                                                       const eigenformer_embed_options* options,
                                                       eigenformer_vectors* vectors, eigenformer_error* error);

/// a b / (|a| |b|) of two vectors of `count` numbers, from -1 to 1; 0 where one of them is all zeros.
EIGENFORMER_C_API eigenformer_status eigenformer_cosine_similarity(const float* a, const float* b, uint64_t count,
                                                                   double* similarity, eigenformer_error* error);

#if defined(__cplusplus)
}
#endif

#endif
