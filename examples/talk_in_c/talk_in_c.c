/*
 * A conversation and two sentences compared, in C99 with the C API alone.
 *
 *   talk_in_c [--model MODEL] [--max-new-tokens N] [QUESTION]...    asks, in one conversation
 *   talk_in_c --embedder MODEL FIRST SECOND                         how near two sentences are in meaning
 *
 * MODEL is a folder, a .gguf file or a name that models/fetch knows; the default is smollm2-135m-instruct. Without a
 * question, one is asked. Exit status: 0; 1 after an error, which is one line on standard error; 2 for wrong arguments.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eigenformer/c_api.h"

struct arguments {
  const char* model;
  const char* embedder; /* null: none */
  uint64_t max_new_tokens;
  char** texts;
  int text_count;
};

/* Prints the error and returns the exit status. */
static int fail(const eigenformer_error* error) {
  fprintf(stderr, "error[%s]: %s\n", eigenformer_error_id(error), eigenformer_error_message(error));
  return 1;
}

/* By name or path. Null after an error. */
static eigenformer_model* load(const char* name, eigenformer_error* error) {
  eigenformer_owned_text path = {NULL, 0};
  eigenformer_model* model = NULL;
  if (eigenformer_find_model(name, &path, error) == EIGENFORMER_OK) eigenformer_load(path.data, NULL, &model, error);
  eigenformer_free(path.data);
  return model;
}

/* A piece of the answer goes to standard output at once. */
static int32_t print_piece(void* context, eigenformer_text piece) {
  FILE* output = context;
  fwrite(piece.data, 1, (size_t)piece.size, output);
  return fflush(output) == 0 ? EIGENFORMER_CONTINUE : EIGENFORMER_STOP;
}

static int ask(eigenformer_chat* chat, const char* question, eigenformer_error* error) {
  printf("> %s\n", question);
  if (eigenformer_chat_ask(chat, eigenformer_text_of(question), print_piece, stdout, error) != EIGENFORMER_OK) {
    putchar('\n');
    return fail(error);
  }
  putchar('\n');
  return 0;
}

static eigenformer_chat* make_chat(const eigenformer_model* model, uint64_t max_new_tokens, eigenformer_error* error) {
  eigenformer_generate_options generation;
  eigenformer_chat_options options;
  eigenformer_chat* chat = NULL;
  if (eigenformer_chat_generate_options_init(&generation, sizeof generation, error) != EIGENFORMER_OK) return NULL;
  if (eigenformer_chat_options_init(&options, sizeof options, error) != EIGENFORMER_OK) return NULL;
  generation.max_new_tokens = max_new_tokens;
  options.system = eigenformer_text_of("You are the guide of a virtual world.");
  options.generation = &generation;
  eigenformer_chat_new(model, &options, &chat, error);
  return chat;
}

static int talk(const struct arguments* arguments, eigenformer_error* error) {
  eigenformer_model* model = load(arguments->model, error);
  eigenformer_chat* chat = NULL;
  int status = 0;
  int number;
  if (model == NULL) return fail(error);
  chat = make_chat(model, arguments->max_new_tokens, error);
  eigenformer_model_free(model); /* the chat keeps what it needs */
  if (chat == NULL) return fail(error);
  if (arguments->text_count == 0) status = ask(chat, "What can I do here?", error);
  for (number = 0; number < arguments->text_count && status == 0; ++number) {
    status = ask(chat, arguments->texts[number], error);
  }
  eigenformer_chat_free(chat);
  return status;
}

/* How near two sentences are in meaning, from -1 to 1. */
static int compare(const struct arguments* arguments, eigenformer_error* error) {
  eigenformer_model* model = load(arguments->embedder, error);
  eigenformer_text sentences[2];
  eigenformer_texts texts = {NULL, 2};
  eigenformer_vectors vectors = {NULL, 0, 0};
  double similarity = 0;
  eigenformer_status status;
  if (model == NULL) return fail(error);
  sentences[0] = eigenformer_text_of(arguments->texts[0]);
  sentences[1] = eigenformer_text_of(arguments->texts[1]);
  texts.texts = sentences;
  status = eigenformer_embed(model, texts, NULL, &vectors, error);
  eigenformer_model_free(model);
  if (status != EIGENFORMER_OK) return fail(error);
  status = eigenformer_cosine_similarity(vectors.values, vectors.values + vectors.columns, vectors.columns, &similarity,
                                         error);
  eigenformer_free(vectors.values);
  if (status != EIGENFORMER_OK) return fail(error);
  printf("%.3f\n", similarity);
  return 0;
}

/* False where they are wrong. */
static int read_arguments(int count, char** words, struct arguments* arguments) {
  int at = 1;
  for (; at < count && strncmp(words[at], "--", 2) == 0; at += 2) {
    if (at + 1 == count) return 0;
    if (strcmp(words[at], "--model") == 0) {
      arguments->model = words[at + 1];
    } else if (strcmp(words[at], "--embedder") == 0) {
      arguments->embedder = words[at + 1];
    } else if (strcmp(words[at], "--max-new-tokens") == 0) {
      arguments->max_new_tokens = strtoull(words[at + 1], NULL, 10);
    } else {
      return 0;
    }
  }
  arguments->texts = words + at;
  arguments->text_count = count - at;
  return arguments->embedder == NULL || arguments->text_count == 2;
}

int main(int count, char** words) {
  struct arguments arguments = {"smollm2-135m-instruct", NULL, 512, NULL, 0};
  eigenformer_error* error = eigenformer_error_new();
  int status = 2;
  if (error == NULL) return 1;
  if (read_arguments(count, words, &arguments)) {
    status = arguments.embedder == NULL ? talk(&arguments, error) : compare(&arguments, error);
  } else {
    fputs(
        "usage: talk_in_c [--model MODEL] [--max-new-tokens N] [QUESTION]...\n"
        "       talk_in_c --embedder MODEL FIRST SECOND\n",
        stderr);
  }
  eigenformer_error_free(error);
  return status;
}
