/* The header is C99 and needs nothing else; a program of C links the shared library. */
#include "eigenformer/c_api.h"

int32_t major_of_the_header(void);
int32_t major_of_the_header(void) { return EIGENFORMER_C_API_VERSION_MAJOR; }

uint32_t version_seen_from_c(void);
uint32_t version_seen_from_c(void) { return eigenformer_c_api_version(); }
