#include "storage/verify.hpp"
