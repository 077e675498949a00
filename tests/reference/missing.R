# Reference answers for analysis/methods/imputation.py, weighting.py, bounds.py and multiplicity.py.
# Run from this folder with `Rscript missing.R`; reads missing_data.csv (72 invented people, three waves with gaps),
# writes missing_answers.csv. R with nlme (gls), survey (svyglm) and numDeriv.

suppressPackageStartupMessages({library(nlme); library(survey); library(numDeriv)})
answers <- data.frame(quantity = character(), value = numeric())
keep <- function(quantity, value) answers <<- rbind(answers, data.frame(quantity = quantity, value = unname(as.numeric(value))))
people <- read.csv("missing_data.csv")
waves <- c("m0", "m6", "m12")

# ---- imputation by conditional means, jackknife ----------------------------------------------------------------------
# Restricted likelihood of the model by hand, people of one arm and pattern at a time; gls gives the start and is kept.
design <- function(treated) cbind(diag(3), treated * diag(3)[, 2:3])
groups_of <- function(data) {
  scores <- as.matrix(data[, waves])
  kind <- paste(data$treated, apply(!is.na(scores), 1, paste, collapse = ""))
  groups <- lapply(unique(kind), function(one) {
    rows <- which(kind == one); o <- !is.na(scores[rows[1], ])
    list(o = o, x = design(data$treated[rows[1]])[o, , drop = FALSE], y = scores[rows, o, drop = FALSE])
  })
  groups[sapply(groups, function(g) any(g$o))]
}
deviance_of <- function(theta, groups) {
  root <- matrix(0, 3, 3)
  root[lower.tri(root, diag = TRUE)] <- theta
  sigma <- root %*% t(root)
  inverse <- lapply(groups, function(g) solve(sigma[g$o, g$o, drop = FALSE]))
  information <- Reduce(`+`, Map(function(g, v) nrow(g$y) * t(g$x) %*% v %*% g$x, groups, inverse))
  b <- solve(information, Reduce(`+`, Map(function(g, v) t(g$x) %*% v %*% colSums(g$y), groups, inverse)))
  value <- sum(mapply(function(g, v) {
    r <- sweep(g$y, 2, g$x %*% b)
    sum(v * crossprod(r)) - nrow(r) * determinant(v)$modulus
  }, groups, inverse))
  structure(value + determinant(information)$modulus, b = as.vector(b), sigma = sigma)
}
long <- reshape(people[, c("person", "treated", waves)], direction = "long", varying = waves, v.names = "y",
                timevar = "wave", times = 1:3, idvar = "person")
long <- na.omit(long[order(long$person, long$wave), ])
long$t6 <- long$treated * (long$wave == 2); long$t12 <- long$treated * (long$wave == 3)
first <- gls(y ~ 0 + factor(wave) + t6 + t12, long, correlation = corSymm(form = ~ wave | person),
             weights = varIdent(form = ~ 1 | wave), method = "REML",
             control = glsControl(opt = "optim", tolerance = 1e-12, msTol = 1e-14, maxIter = 1000, msMaxIter = 1000))
keep(paste0("gls.", c("m0", "m6", "m12", "t6", "t12")), coef(first))
fitted_model <- function(data, start) {
  # optim stops at some 1e-8 of the deviance; Newton's steps with numDeriv take it to the last digits
  groups <- groups_of(data)
  of <- function(p) as.numeric(deviance_of(p, groups))
  theta <- optim(start, of, method = "BFGS", control = list(reltol = 1e-12))$par
  curvature <- hessian(of, theta)
  for (step in 1:3) theta <- theta - solve(curvature, grad(of, theta))
  best <- deviance_of(theta, groups)
  list(theta = theta, b = attr(best, "b"), sigma = attr(best, "sigma"))
}
differences <- function(data, model) {
  mu <- list(control = model$b[1:3], treated = model$b[1:3] + c(0, model$b[4:5]))
  completed <- lapply(c("random", "jump", "increments"), function(way) {
    t(sapply(seq_len(nrow(data)), function(i) {
      y <- unlist(data[i, waves]); o <- !is.na(y); own <- mu[[ifelse(data$treated[i] == 1, "treated", "control")]]
      goal <- own
      if (way != "random" && is.na(y[3])) {
        j <- if (any(o)) max(which(o)) else 1
        goal[3] <- mu$control[3] + (way == "increments") * (own[j] - mu$control[j])
      }
      filled <- goal
      if (any(o)) {
        filled <- goal + as.vector(model$sigma[, o, drop = FALSE] %*% solve(model$sigma[o, o, drop = FALSE], (y - own)[o]))
        filled[o] <- y[o]
      }
      filled[c(1, 3)]
    }))
  })
  treated <- data$treated; silent <- is.na(data$m12)
  effect <- function(y0, y) coef(lm(y ~ treated + y0))[["treated"]]
  y0 <- completed[[1]][, 1]
  c(sapply(completed, function(each) effect(each[, 1], each[, 2])),
    effect(y0, completed[[1]][, 2] + 1.5 * silent * treated - 0.5 * silent * (1 - treated)))
}
whole <- fitted_model(people, t(chol(first$sigma^2 * diag(c(1, coef(first$modelStruct$varStruct, unconstrained = FALSE))) %*%
  corMatrix(first$modelStruct$corStruct)[[which.max(table(long$person))]] %*%
  diag(c(1, coef(first$modelStruct$varStruct, unconstrained = FALSE)))))[lower.tri(diag(3), diag = TRUE)])
found <- differences(people, whole)
without <- t(sapply(seq_len(nrow(people)), function(i) differences(people[-i, ], fitted_model(people[-i, ], whole$theta))))
n <- nrow(people)
errors <- apply(without, 2, function(x) sqrt((n - 1) / n * sum((x - mean(x))^2)))
ways <- c("missing_at_random", "jump_to_reference", "copy_increments", "deltas")
keep(paste0("model.", c("m0", "m6", "m12", "t6", "t12")), whole$b)
keep(paste("imputed", ways, "estimate", sep = "."), found)
keep(paste("imputed", ways, "std_error", sep = "."), errors)

# ---- weights ---------------------------------------------------------------------------------------------------------
filled <- function(x) ifelse(is.na(x), mean(x, na.rm = TRUE), x)
z <- data.frame(m0 = filled(people$m0), age = filled(people$age), woman = people$woman, treated = people$treated)
answered <- !is.na(people$m12)
logits <- lapply(0:1, function(arm) glm(answered[z$treated == arm] ~ m0 + age + woman, binomial, z[z$treated == arm, ],
                                        control = glm.control(epsilon = 1e-14, maxit = 100)))
probability <- numeric(n)
for (arm in 0:1) probability[z$treated == arm] <- fitted(logits[[arm + 1]])
keep("weights.largest", max(1 / probability[answered]))
own <- cbind(z, y = people$m12, w = 1 / probability)[answered, ]
robust <- svyglm(y ~ treated + m0, svydesign(ids = ~1, weights = ~w, data = own))
keep("weighted.estimate", coef(robust)[["treated"]])
keep("weighted.robust", SE(robust)[["treated"]])
# unconditional: all estimating equations stacked, their derivative by numDeriv
equations <- function(p, sum = TRUE) {
  x <- cbind(1, z$treated, z$m0); l <- cbind(1, z$m0, z$age, z$woman)
  pi <- plogis(ifelse(z$treated == 1, l %*% p[8:11], l %*% p[4:7]))
  y <- ifelse(answered, people$m12, 0)
  each <- cbind(x * as.vector(answered / pi * (y - x %*% p[1:3])), l * (1 - z$treated) * as.vector(answered - pi),
                l * z$treated * as.vector(answered - pi))
  if (sum) colSums(each) else each
}
all <- c(coef(robust), coef(logits[[1]]), coef(logits[[2]]))
bread <- solve(jacobian(equations, all))
keep("weighted.unconditional", sqrt(n / (n - 1) * (bread %*% crossprod(equations(all, FALSE)) %*% t(bread))[2, 2]))

# ---- bounds ----------------------------------------------------------------------------------------------------------
# Standard errors by influence: of the trimmed mean, (y - Y)+ / k about its mean, and of k = q0 / q1.
bounds <- function(more, fewer) {
  q1 <- mean(!is.na(more)); q0 <- mean(!is.na(fewer)); k <- q0 / q1
  y <- sort(more[!is.na(more)]); y0 <- fewer[!is.na(fewer)]
  lowest <- function(y) {
    mass <- k * length(y); full <- floor(mass); limit <- y[ceiling(mass)]
    mean <- (sum(y[seq_len(full)]) + (mass - full) * (if (mass > full) y[full + 1] else 0)) / mass
    w <- c(rep(1, full), if (mass > full) mass - full, rep(0, length(y) - ceiling(mass))) / length(y)
    shortfall <- limit - y  # with a part of the value at the limit, which is nought there
    spread <- sum(w * shortfall^2) - sum(w * shortfall)^2
    of_k <- k^2 * ((1 - q0) / (length(fewer) * q0) + (1 - q1) / (length(more) * q1))
    c(mean, spread / k^2 / length(y) + ((limit - mean) / k)^2 * of_k)
  }
  rest <- mean((y0 - mean(y0))^2) / length(y0)
  low <- lowest(y); high <- lowest(sort(-y))
  list(low = low[1] - mean(y0), high = -high[1] - mean(y0), se = sqrt(c(low[2], high[2]) + rest))
}
for (turned in c(FALSE, TRUE)) {
  some <- people[-(1:5), ]  # so that a value at the limit counts in part
  one <- some$m12[some$treated == 1]; other <- some$m12[some$treated == 0]
  b <- bounds(one, other)
  ends <- c(b$low, b$high); se <- b$se
  if (turned) { ends <- -rev(ends); se <- rev(se) }
  c0 <- uniroot(function(c) pnorm(c + diff(ends) / max(se)) - pnorm(-c) - 0.95, c(0, 3), tol = 1e-14)$root
  name <- if (turned) "lee.turned" else "lee"
  keep(paste(name, c("lower", "upper", "lower_se", "upper_se", "conf_low", "conf_high"), sep = "."),
       c(ends, se, ends[1] - c0 * se[1], ends[2] + c0 * se[2]))
}

# ---- several outcomes: all rotations of the arms as draws ------------------------------------------------------------
outcomes <- list(m12 = "m0", m6 = "m0", other_m12 = "other_m0")
statistic <- function(arms) sapply(names(outcomes), function(y) {
  data <- data.frame(y = people[[y]], t = arms, c = people[[outcomes[[y]]]])
  summary(lm(y ~ t + c, data))$coefficients["t", "t value"]
})
observed <- statistic(people$treated)
drawn <- t(sapply(seq_len(n - 1), function(k) statistic(people$treated[(seq_len(n) + k - 1) %% n + 1])))
keep(paste0("t.", names(outcomes)), observed)
place <- order(-abs(observed)); p <- numeric(3)
for (j in 1:3) {
  largest <- apply(abs(drawn[, place[j:3], drop = FALSE]), 1, max)
  p[j] <- (1 + sum(largest >= abs(observed[place[j]]) - 1e-9)) / (1 + nrow(drawn))
}
p <- cummax(p); names(p) <- names(outcomes)[place]
keep(paste0("max_t.", names(outcomes)), p[names(outcomes)])
raw <- c(0.018, 0.0152, 0.0356, 0.313, 0.142, 0.043, 0.093)
keep(paste0("holm.", 1:7), p.adjust(raw, "holm"))

answers$value <- format(answers$value, digits = 14, scientific = FALSE, trim = TRUE)
out <- file("missing_answers.csv", "w")
writeLines(paste0("# ", R.version.string, "; nlme ", packageVersion("nlme"), "; survey ", packageVersion("survey"),
                  "; numDeriv ", packageVersion("numDeriv"), "; missing.R"), out)
write.csv(answers, out, row.names = FALSE, quote = FALSE)
close(out)
